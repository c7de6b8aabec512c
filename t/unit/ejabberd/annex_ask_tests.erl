-module(annex_ask_tests).

-export([log/2]).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(COMPONENT, <<"offline.a.example">>).

%% A component that is attached, with this process as its stream; what is
%% logged comes here.
attached(Test) ->
    {setup, spawn, fun start/0, fun stop/1,
     fun(_) -> fun() ->
         ets:insert(annex_link, {?COMPONENT, {self(), none}, infinity}),
         ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
         Test()
     end end}.

start() ->
    [Module:create() || Module <- [annex_link, annex_ask]],
    {ok, Pid} = annex_ask:start_link(),
    Pid.

stop(Pid) ->
    logger:remove_handler(?MODULE),
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    [ets:delete(Table) || Table <- [annex_link, annex_ask, annex_epoch]].

log(#{msg := {Format, Args}}, #{config := Pid}) ->
    Pid ! {logged, lists:flatten(io_lib:format(Format, Args))}.

%% Their time is over once this process has heard of each.
late(Count) ->
    Self = self(),
    El = #xmlel{name = <<"store">>},
    [annex_ask:ask(?HOST, ?COMPONENT, El, 0,
                   fun(Outcome) -> Self ! {Number, Outcome} end)
     || Number <- lists:seq(1, Count)],
    [receive {Number, failed} -> ok end || Number <- lists:seq(1, Count)].

%% What was said until it was said of so many.
said(Count) when Count > 0 ->
    Text = receive {logged, Logged} -> Logged end,
    {ok, [Said], []} = io_lib:fread("offline.a.example did not answer in time "
                                    "(~d)", Text),
    [Said | said(Count - Said)];
said(0) ->
    [].

%% How many seconds it takes nobody can tell.
it_is_not_said_of_each_that_it_is_late_test_() ->
    attached(fun() ->
        late(1),
        ?assertEqual([1], said(1)),
        late(100),
        ?assert(length(said(100)) < 50)
    end).
