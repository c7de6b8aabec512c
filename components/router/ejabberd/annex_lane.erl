%% A few processes that do what may take time, or must be done in order, so
%% that no stream's process has to.  What has the same key is done by the same
%% of them, one after another.
%%
%% Each keeps lines of things that wait for a component's answer.  A thing is
%% {Module, Item}, and Module says what becomes of it:
%%
%%     host(Item) -> Host, on whose behalf it waits
%%     decided(Item, Outcome) -> Result
%%     leaves(Key, Item, Result)
%%
%% The line of a session has an owner, the session's process, which gets the
%% results one by one and says that it had each, since it may end in between:
%% what it did not have goes to its successor (XEP-0198), or leaves without.
-module(annex_lane).
-behaviour(gen_server).

-export([start_link/1, numbers/0, run/2]).
-export([park/4, move/2, had/2, clear/2, settle/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").

-define(LANES, {annex_lane_1, annex_lane_2, annex_lane_3, annex_lane_4,
                annex_lane_5, annex_lane_6, annex_lane_7, annex_lane_8,
                annex_lane_9, annex_lane_10, annex_lane_11, annex_lane_12,
                annex_lane_13, annex_lane_14, annex_lane_15, annex_lane_16}).

-record(line, {owner :: pid() | none,
               heir = none :: pid() | none,     % owner once that has ended
               monitor :: reference() | undefined,
               waiting = annex_line:new(),
               handed = queue:new()}).          % to the owner, not yet had

numbers() ->
    lists:seq(1, tuple_size(?LANES)).

start_link(Number) ->
    gen_server:start_link({local, element(Number, ?LANES)}, ?MODULE, [], []).

%% The router's own store takes its time: half of them are for what may end up
%% there, and the others go on meanwhile.
of_key({annex_store, _} = Key) ->
    of_key(Key, tuple_size(?LANES) div 2);
of_key(Key) ->
    of_key(Key, 0).

of_key(Key, Before) ->
    Number = erlang:phash2(Key, tuple_size(?LANES) div 2),
    element(1 + Before + Number, ?LANES).

run(Key, Fun) ->
    gen_server:cast(of_key(Key), {run, Fun}).

%% Ask is called with a function that takes the outcome, or is open: then the
%% item waits for those before it only.
park(Key, Owner, Thing, Ask) ->
    gen_server:cast(of_key(Key), {park, Key, Owner, Thing, Ask}).

%% The session goes on in this process.
move(Key, Owner) ->
    gen_server:cast(of_key(Key), {move, Key, Owner}).

had(Key, Ref) ->
    gen_server:cast(of_key(Key), {had, Key, Ref}).

%% Nobody will answer or take anything for that module, or all, on a host any
%% more.
clear(Module, Host) ->
    [gen_server:call(Lane, {clear, Module, Host}, infinity)
     || Lane <- tuple_to_list(?LANES)],
    ok.

%% When this returns what was decided before has left.
settle() ->
    [gen_server:call(Lane, settle, infinity) || Lane <- tuple_to_list(?LANES)],
    ok.

init([]) ->
    process_flag(trap_exit, true),
    {ok, #{}}.

handle_call({clear, Module, Host}, _From, Lines) ->
    {reply, ok, maps:filter(fun(Key, Line) ->
                                    not cleared(Key, {Module, Host}, Line)
                            end, Lines)};
handle_call(settle, _From, Lines) ->
    {reply, ok, Lines}.

terminate(_Reason, Lines) ->
    maps:foreach(fun(Key, Line) -> cleared(Key, all, Line) end, Lines).

%% A line has things of one module and of one host alone.
cleared(Key, What, #line{handed = Handed, waiting = Waiting}) ->
    Left = [{Thing, {result, Result}}
            || {_, Thing, Result} <- queue:to_list(Handed)]
        ++ [{Thing, {outcome, Outcome}}
            || {Thing, Outcome} <- annex_line:empty(failed, Waiting)],
    case Left of
        [{First, _} | _] ->
            is_meant(What, First) andalso
                begin
                    lists:foreach(fun(Thing) -> give_up(Key, Thing) end, Left),
                    true
                end;
        [] ->
            false
    end.

is_meant(all, _Thing) ->
    true;
is_meant({Which, Host}, {Module, Item}) ->
    (Which == all orelse Which == Module) andalso Module:host(Item) == Host.

give_up(Key, {Thing, {result, Result}}) ->
    leaves(Key, Thing, Result);
give_up(Key, {{Module, Item} = Thing, {outcome, Outcome}}) ->
    leaves(Key, Thing,
           guarded(fun() -> Module:decided(Item, Outcome) end)).

handle_cast({run, Fun}, Lines) ->
    guarded(Fun),
    {noreply, Lines};
handle_cast({park, Key, Owner, Thing, Ask}, Lines) ->
    Line = own(Owner, maps:get(Key, Lines, #line{owner = none})),
    Ref = make_ref(),
    Added = annex_line:add(Ref, Thing, Line#line.waiting),
    ask(Ask, Key, Ref),
    {noreply, advance(Key, Line#line{waiting = Added}, Lines)};
handle_cast({decide, Key, Ref, Outcome}, Lines) ->
    {noreply, change(Key, Lines, fun(#line{waiting = Waiting} = Line) ->
        Line#line{waiting = annex_line:decide(Ref, Outcome, Waiting)}
    end)};
handle_cast({move, Key, Owner}, Lines) ->
    {noreply, change(Key, Lines, fun(Line) -> own(Owner, Line) end)};
handle_cast({had, Key, Ref}, Lines) ->
    {noreply, change(Key, Lines, fun(#line{handed = Handed} = Line) ->
        Line#line{handed = queue:filter(fun({R, _, _}) -> R /= Ref end, Handed)}
    end)}.

handle_info({'EXIT', _, _}, Lines) ->
    {noreply, Lines};
handle_info({'DOWN', Monitor, process, _, _}, Lines) ->
    Keys = [Key || {Key, #line{monitor = M}} <- maps:to_list(Lines),
                   M == Monitor],
    {noreply, lists:foldl(
                fun(Key, Rest) -> change(Key, Rest, fun bereave/1) end,
                Lines, Keys)}.

ask(open, Key, Ref) ->
    gen_server:cast(self(), {decide, Key, Ref, open});
ask(Ask, Key, Ref) ->
    Lane = self(),
    guarded(fun() ->
        Ask(fun(Outcome) ->
                    gen_server:cast(Lane, {decide, Key, Ref, Outcome})
            end)
    end).

change(Key, Lines, Fun) ->
    case Lines of
        #{Key := Line} -> advance(Key, Fun(Line), Lines);
        _ -> Lines
    end.

%% A new owner takes over at once, or when the old one has ended, if that may
%% still have what was handed to it.
own(Owner, #line{owner = Owner} = Line) ->
    Line;
own(none, Line) ->
    Line;
own(Owner, #line{owner = none} = Line) ->
    Line#line{owner = Owner, monitor = erlang:monitor(process, Owner)};
own(Owner, #line{handed = Handed, monitor = Monitor} = Line) ->
    case queue:is_empty(Handed) of
        true ->
            erlang:demonitor(Monitor, [flush]),
            own(Owner, Line#line{owner = none});
        false ->
            Line#line{heir = Owner}
    end.

bereave(#line{heir = none, handed = Handed} = Line) ->
    [leaves(Key, Thing, Result)
     || {{Key, _}, Thing, Result} <- queue:to_list(Handed)],
    Line#line{owner = none, monitor = undefined, handed = queue:new()};
bereave(#line{heir = Heir, handed = Handed} = Line) ->
    Next = own(Heir, Line#line{owner = none, heir = none}),
    [give(Heir, Ref, Result) || {Ref, _, Result} <- queue:to_list(Handed)],
    Next.

%% Lets go who may, and forgets a line that is empty.
advance(Key, #line{waiting = Waiting, monitor = Monitor} = Line, Lines) ->
    {Leaving, Others} = annex_line:leave(Waiting),
    Next = lists:foldl(fun(Decided, L) -> release(Key, Decided, L) end,
                       Line#line{waiting = Others}, Leaving),
    case annex_line:is_empty(Others) andalso queue:is_empty(Next#line.handed) of
        true ->
            Monitor == undefined orelse erlang:demonitor(Monitor, [flush]),
            maps:remove(Key, Lines);
        false ->
            Lines#{Key => Next}
    end.

release(Key, {{Module, Item} = Thing, Outcome},
        #line{owner = Owner, handed = Handed} = Line) ->
    Result = guarded(fun() -> Module:decided(Item, Outcome) end),
    %% Sessions do not live to take it when ejabberd stops, or cannot.
    case Owner == none orelse annex_ask:is_stopping(Module:host(Item)) of
        true ->
            leaves(Key, Thing, Result),
            Line;
        false ->
            Ref = {Key, make_ref()},
            give(Owner, Ref, Result),
            Line#line{handed = queue:in({Ref, Thing, Result}, Handed)}
    end.

leaves(Key, {Module, Item}, Result) ->
    guarded(fun() -> Module:leaves(Key, Item, Result) end).

give(Owner, Ref, Result) ->
    Owner ! {annex_go, Ref, Result}.

guarded(Fun) ->
    try
        Fun()
    catch
        Class:Reason:Stack ->
            ?ERROR_MSG("A stanza was lost:~n** ~ts",
                       [misc:format_exception(2, Class, Reason, Stack)]),
            gone
    end.
