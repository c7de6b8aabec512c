%% Requests of the shim to a component.  Each ends once: with an answer, when
%% its time is over, or when the component's stream is.
-module(annex_ask).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0, epoch/0]).
-export([ask/5, ask_behind/5, ask_exactly/5, answer/2, allow/2, fail/1]).
-export([stopping/0, stopping/1, starting/1, is_stopping/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("annex.hrl").

-define(SAY_MSECS, 1000).

%% refused: there was an answer, an error; only ask_exactly tells.
-type outcome() :: {result, xmlel() | undefined} | refused | failed.
-export_type([outcome/0]).

%% {Id, Pid of the stream, Host, Component, Timer, Then}
create() ->
    ets:new(?MODULE, [named_table, public, {write_concurrency, true}]),
    ets:new(annex_epoch, [named_table, public]),
    Epoch = binary:encode_unsigned(rand:uniform(16#ffffffff)),
    ets:insert(annex_epoch, {epoch, str:to_hexlist(Epoch)}).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Streams and sessions are still there.
hooks() ->
    [{ejabberd_stopping, stopping, 50}].

epoch() ->
    ets:lookup_element(annex_epoch, epoch, 2).

%% El is an element, or the text of one.  Then is called with the outcome, in
%% another process, which it must not keep busy.  When the component is away
%% that is at once.
-spec ask(binary(), binary(), xmlel() | iodata(), timeout(),
          fun((outcome()) -> any())) -> ok.
ask(Host, Component, El, Timeout, Then) ->
    ask_exactly(Host, Component, El, Timeout, without_refusal(Then)).

%% The same; the component has what this process told of messages before that,
%% and what had been told when it was sent something.
-spec ask_behind(binary(), binary(), xmlel() | iodata(), timeout(),
                 fun((outcome()) -> any())) -> ok.
ask_behind(Host, Component, El, Timeout, Then) ->
    ask_by(fun(Stream, Text) ->
                   annex_tap:write_behind(Host, Component, Stream, Text)
           end, {Host, Component, El}, Timeout, without_refusal(Then)).

-spec ask_exactly(binary(), binary(), xmlel() | iodata(), timeout(),
                  fun((outcome()) -> any())) -> ok.
ask_exactly(Host, Component, El, Timeout, Then) ->
    ask_by(fun annex_link:write/2, {Host, Component, El}, Timeout, Then).

without_refusal(Then) ->
    fun(refused) -> Then(failed);
       (Outcome) -> Then(Outcome)
    end.

ask_by(Write, {Host, Component, _} = What, Timeout, Then) ->
    case reachable(Host, Component) of
        undefined -> Then(failed);
        Stream -> ask_stream(Write, Stream, What, Timeout, Then)
    end,
    ok.

ask_stream(Write, {Pid, _} = Stream, {Host, Component, El}, Timeout, Then) ->
    Id = id(),
    Timer = erlang:send_after(Timeout, ?MODULE, {late, Id}),
    ets:insert(?MODULE, {Id, Pid, Host, Component, Timer, Then}),
    Write(Stream, annex_text:iq(Id, Host, Component, El)),
    %% The stream may have ended before there was anything to fail.
    case reachable(Host, Component) of
        Stream -> ok;
        _ -> finish(Id, failed)
    end.

reachable(Host, Component) ->
    case is_stopping(Host) of
        true -> undefined;
        false -> annex_link:stream(Component)
    end.

%% Those that were asked later have a greater number.
id() ->
    Number = erlang:unique_integer([positive, monotonic]),
    <<"annex-", (epoch())/binary, $-, (integer_to_binary(Number))/binary>>.

number(Id) ->
    binary_to_integer(lists:last(binary:split(Id, <<"-">>, [global]))).

%% An answer from the component's own stream.  Others' ids are not taken.
answer(Component, #iq{id = <<"annex-", _/binary>> = Id} = IQ) ->
    case ets:lookup(?MODULE, Id) of
        [{_, _, _, Component, _, _}] -> finish(Id, outcome(IQ));
        _ -> ok
    end,
    true;
answer(_Component, _IQ) ->
    false.

%% The same of several checks that are allowed, by their ids.
allow(Component, Ids) ->
    Verdict = #xmlel{name = <<"verdict">>,
                     attrs = [{<<"xmlns">>, ?NS_ANNEX},
                              {<<"action">>, <<"allow">>}]},
    lists:foreach(fun(Id) ->
                          answer(Component, #iq{type = result, id = Id,
                                                sub_els = [Verdict]})
                  end, binary:split(Ids, <<"\n">>, [global, trim_all])).

outcome(#iq{type = result, sub_els = [El | _]}) ->
    case annex_xml:namespace(El) of
        ?NS_ANNEX -> {result, El};
        _ -> {result, undefined}
    end;
outcome(#iq{type = result}) ->
    {result, undefined};
outcome(#iq{type = error}) ->
    refused.

finish(Id, Outcome) ->
    case ets:take(?MODULE, Id) of
        [{_, _, _, _, Timer, Then}] ->
            erlang:cancel_timer(Timer, [{async, true}, {info, false}]),
            Then(Outcome);
        [] ->
            ok
    end.

%% All that waits for an answer from that stream.
fail(Pid) ->
    gen_server:cast(?MODULE, {fail, Pid, '_'}).

%% Nobody is asked any more, and what was asked has failed: components that may
%% have it can still be told.
stopping() ->
    stopping('_').

%% The same for one host.
stopping(Host) ->
    ets:insert(annex_epoch, {{stopping, Host}, true}),
    gen_server:call(?MODULE, {fail, '_', Host}, infinity),
    annex_lane:settle(),
    annex_link:settle().

starting(Host) ->
    ets:delete(annex_epoch, {stopping, Host}).

is_stopping(Host) ->
    ets:member(annex_epoch, {stopping, Host})
        orelse ets:member(annex_epoch, {stopping, '_'}).

%% By component: how many were late since that was said.  It is said at once,
%% and then once a second, as to write it takes longer than all else.
init([]) ->
    {ok, #{}}.

handle_call({fail, Pid, Host}, _From, State) ->
    fail_all(Pid, Host),
    {reply, ok, State}.

handle_cast({fail, Pid, Host}, State) ->
    fail_all(Pid, Host),
    {noreply, State}.

fail_all(Pid, Host) ->
    Ids = ets:select(?MODULE, [{{'$1', Pid, Host, '_', '_', '_'}, [],
                                ['$1']}]),
    Asked = lists:sort([{number(Id), Id} || Id <- Ids]),
    lists:foreach(fun({_, Id}) -> finish(Id, failed) end, Asked).

handle_info({late, Id}, State) ->
    Next = case ets:lookup(?MODULE, Id) of
               [{_, _, _, Component, _, _}] -> late(Component, State);
               [] -> State
           end,
    finish(Id, failed),
    {noreply, Next};
handle_info({say_late, Component}, State) ->
    case maps:take(Component, State) of
        {0, Others} -> {noreply, Others};
        {Count, Others} -> {noreply, say_late(Count, Component, Others)}
    end.

late(Component, State) ->
    case State of
        #{Component := Count} -> State#{Component := Count + 1};
        _ -> say_late(1, Component, State)
    end.

say_late(Count, Component, State) ->
    ?WARNING_MSG("~ts did not answer in time (~B)", [Component, Count]),
    erlang:send_after(?SAY_MSECS, self(), {say_late, Component}),
    State#{Component => 0}.
