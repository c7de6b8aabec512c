-module(annex_lane_tests).

-export([decided/2, leaves/3]).

-include_lib("eunit/include/eunit.hrl").

with_lanes(Test) ->
    {setup, fun start/0, fun stop/1, fun(_) -> Test end}.

start() ->
    [begin
         {ok, Pid} = annex_lane:start_link(Number),
         unlink(Pid),
         Pid
     end || Number <- annex_lane:numbers()].

stop(Lanes) ->
    [exit(Lane, kill) || Lane <- Lanes].

decided(_Item, Outcome) ->
    Outcome.

%% Takes its time when it is told to.
leaves(Key, {slow, Test}, _Result) ->
    Test ! {left, Key},
    receive go_on -> ok end;
leaves(Key, Test, _Result) ->
    Test ! {left, Key}.

park(Key, Item) ->
    annex_lane:park(Key, none, {?MODULE, Item}, open).

left(Key) ->
    receive {left, Key} -> true after 5000 -> false end.

the_router_s_own_store_keeps_nobody_else_waiting_test_() ->
    with_lanes(fun() ->
        [park({annex_store, Number}, {slow, self()})
         || Number <- lists:seq(1, 100)],
        [begin
             park({annex_check, Number}, self()),
             ?assert(left({annex_check, Number}))
         end || Number <- lists:seq(1, 100)]
    end).
