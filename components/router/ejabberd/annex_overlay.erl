%% overlay: what others see of a user's presence.
-module(annex_overlay).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0, request/3, keep/2]).
-export([broadcast/1, directed/1, again/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("xmpp.hrl").
-include("annex.hrl").

-define(USUAL_SECS, 12 * 3600).
-define(MOST_SECS, 7 * 86400).
-define(PATIENCE_MSECS, 5000).

%% {{User, Server}, Layers}
create() ->
    ets:new(?MODULE, [named_table, public, {read_concurrency, true}]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

hooks() ->
    [{user_send_packet, directed, 97},
     {c2s_self_presence, broadcast, 100},
     {c2s_handle_info, again, 35}].

request(_IQ, El, {Host, Component}) ->
    User = user(annex_xml:attr(<<"user">>, El, <<>>), Host),
    Key = {Component, annex_xml:attr(<<"key">>, El, <<>>)},
    case layer(Key, El) of
        none ->
            gen_server:cast(?MODULE, {remove, User, Key});
        Layer ->
            Secs = seconds(annex_xml:attr(<<"expires">>, El)),
            gen_server:cast(?MODULE, {put, User, Layer, Secs})
    end,
    result.

user(Text, Host) ->
    try jid:decode(Text) of
        #jid{luser = User, lserver = Host} when User /= <<>> -> {User, Host};
        _ -> throw({error, xmpp:err_item_not_found()})
    catch
        error:{bad_jid, _} -> throw({error, xmpp:err_item_not_found()})
    end.

layer(Key, El) ->
    case {annex_xml:child(<<"show">>, El), annex_xml:child(<<"status">>, El)} of
        {undefined, undefined} ->
            none;
        {Show, Status} ->
            {Key, number(annex_xml:attr(<<"rank">>, El, <<"0">>)),
             mode(annex_xml:attr(<<"mode">>, El, <<"raise">>)),
             show(Show), status(Status)}
    end.

number(Text) ->
    try
        binary_to_integer(Text)
    catch
        error:badarg -> bad()
    end.

mode(<<"raise">>) -> raise;
mode(<<"replace">>) -> replace;
mode(_) -> bad().

show(undefined) -> undefined;
show(El) ->
    case annex_xml:text(El) of
        <<"away">> -> away;
        <<"chat">> -> chat;
        <<"dnd">> -> dnd;
        <<"xa">> -> xa;
        <<>> -> undefined;
        _ -> bad()
    end.

status(undefined) -> [];
status(El) ->
    case annex_xml:text(El) of
        <<>> -> [];
        Text -> [#text{data = Text}]
    end.

seconds(undefined) ->
    ?USUAL_SECS;
seconds(Text) ->
    try xmpp_util:decode_timestamp(Text) of
        {Mega, Secs, _} ->
            Left = Mega * 1000000 + Secs - erlang:system_time(second),
            max(0, min(Left, ?MOST_SECS))
    catch
        error:_ -> bad()
    end.

-spec bad() -> no_return().
bad() ->
    throw({error, xmpp:err_bad_request()}).

%% In sessions' processes

broadcast({#presence{type = available} = Presence, State}) ->
    {paint(Presence, State), State};
broadcast(Acc) ->
    Acc.

directed({#presence{type = available, meta = Meta} = Presence, State})
  when not is_map_key(annex_fresh, Meta) ->
    {paint(Presence, State), State};
directed(Acc) ->
    Acc.

paint(#presence{show = Show, status = Status} = Presence,
      #{jid := #jid{luser = User, lserver = Server}}) ->
    {NewShow, NewStatus} = annex_layer:shown({Show, Status},
                                             layers({User, Server})),
    Presence#presence{show = NewShow, status = NewStatus}.

layers(User) ->
    case ets:lookup(?MODULE, User) of
        [{_, Layers}] -> Layers;
        [] -> []
    end.

%% Something has changed; perhaps not what is shown of this session.
again(State, {?MODULE, Asker}) ->
    Next = look(State),
    Asker ! {?MODULE, self()},
    {stop, Next};
again(State, ?MODULE) ->
    {stop, look(State)};
again(State, _Info) ->
    State.

look(#{pres_last := #presence{show = Show, status = Status} = Last,
       annex_said := {SaidShow, SaidStatus}} = State) ->
    case paint(Last#presence{show = SaidShow, status = SaidStatus}, State) of
        #presence{show = Show, status = Status} -> State;
        _ -> ejabberd_c2s:process_info(State, {resend_presence, undefined})
    end;
look(State) ->
    State.

%% What others than these components have laid is gone.  When this returns all
%% sessions show that, or are busy: they cannot without our hooks.
keep(Host, Components) ->
    Users = gen_server:call(?MODULE, {keep, Host, Components}, infinity),
    Sessions = [{Pid, erlang:monitor(process, Pid)}
                || User <- Users, Pid <- sessions(User)],
    [Pid ! {?MODULE, self()} || {Pid, _} <- Sessions],
    Until = erlang:monotonic_time(millisecond) + ?PATIENCE_MSECS,
    lists:foreach(fun(Session) -> await(Session, Until) end, Sessions).

await({Pid, Monitor}, Until) ->
    receive
        {?MODULE, Pid} -> ok;
        {'DOWN', Monitor, process, _, _} -> ok
    after max(0, Until - erlang:monotonic_time(millisecond)) ->
        ok
    end,
    erlang:demonitor(Monitor, [flush]).

%% The process: keeps time.

init([]) ->
    {ok, annex_expiry:new()}.

handle_call({keep, Host, Components}, _From, Timers) ->
    Gone = [{User, Key}
            || {{_, Server} = User, Layers} <- ets:tab2list(?MODULE),
               Server == Host,
               {Component, _} = Key <- annex_layer:keys(Layers),
               not lists:member(Component, Components)],
    [set(User, annex_layer:remove(Key, layers(User))) || {User, Key} <- Gone],
    {reply, lists:usort([User || {User, _} <- Gone]),
     lists:foldl(fun annex_expiry:stop/2, Timers, Gone)}.

handle_cast({put, User, {Key, _, _, _, _} = Layer, Secs}, Timers) ->
    change(User, annex_layer:put(Layer, layers(User))),
    {noreply, annex_expiry:set({User, Key}, Secs * 1000, Timers)};
handle_cast({remove, User, Key}, Timers) ->
    change(User, annex_layer:remove(Key, layers(User))),
    {noreply, annex_expiry:stop({User, Key}, Timers)}.

handle_info({timeout, Ref, {User, Key} = Name}, Timers) ->
    case annex_expiry:is_over(Name, Ref, Timers) of
        true -> handle_cast({remove, User, Key}, Timers);
        false -> {noreply, Timers}
    end.

change(User, Layers) ->
    set(User, Layers),
    [Pid ! ?MODULE || Pid <- sessions(User)],
    ok.

set(User, []) ->
    ets:delete(?MODULE, User);
set(User, Layers) ->
    ets:insert(?MODULE, {User, Layers}).

sessions({User, Server}) ->
    [Pid || {_, Pid} <- ejabberd_sm:get_session_sids(User, Server)].
