%% overlay: what others see of a user's presence.
-module(annex_overlay).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0, request/3]).
-export([broadcast/1, directed/1, again/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("xmpp.hrl").
-include("annex.hrl").

-define(USUAL_SECS, 12 * 3600).
-define(MOST_SECS, 7 * 86400).

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
again(#{pres_last := #presence{show = Show, status = Status} = Last,
        annex_said := Said} = State, ?MODULE) ->
    {SaidShow, SaidStatus} = Said,
    case paint(Last#presence{show = SaidShow, status = SaidStatus}, State) of
        #presence{show = Show, status = Status} -> ok;
        _ -> self() ! {resend_presence, undefined}
    end,
    {stop, State};
again(State, ?MODULE) ->
    {stop, State};
again(State, _Info) ->
    State.

%% The process: keeps time.

init([]) ->
    {ok, annex_expiry:new()}.

handle_call(_Request, _From, Timers) ->
    {reply, ok, Timers}.

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

change(User, []) ->
    ets:delete(?MODULE, User),
    tell_sessions(User);
change(User, Layers) ->
    ets:insert(?MODULE, {User, Layers}),
    tell_sessions(User).

tell_sessions({User, Server}) ->
    [Pid ! ?MODULE || {_, Pid} <- ejabberd_sm:get_session_sids(User, Server)],
    ok.
