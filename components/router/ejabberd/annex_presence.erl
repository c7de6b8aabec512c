%% presence: who comes and goes; and what each session says of itself, which
%% overlays need to know as well.
-module(annex_presence).

-export([hooks/0, greeted/2]).
-export([sent/1, said/1, asked/2, resumed/2, ended/3]).

-include("xmpp.hrl").
-include("ejabberd_sm.hrl").
-include("annex.hrl").

hooks() ->
    [{user_send_packet, sent, 96},
     {c2s_self_presence, said, 1},
     {c2s_handle_info, asked, 35},
     {c2s_copy_session, resumed, 50},
     {sm_remove_connection_hook, ended, 50}].

%% Marks what comes from the client, since ejabberd broadcasts the last
%% presence again when something asks it to.
sent({#presence{to = #jid{luser = User, lserver = Server, lresource = <<>>},
                type = available} = Presence,
      #{jid := #jid{luser = User, lserver = Server}} = State}) ->
    {xmpp:put_meta(Presence, annex_fresh, true), State};
sent(Acc) ->
    Acc.

%% Before anything else changes it.
said({#presence{type = available, meta = #{annex_fresh := true}} = Presence,
      State}) ->
    news(xmpp:del_meta(Presence, annex_fresh), State);
said({#presence{type = available} = Presence,
      #{pres_last := Presence, annex_said := {Show, Status}} = State}) ->
    {Presence#presence{show = Show, status = Status}, State};
said({#presence{type = available} = Presence, State}) ->
    news(Presence, State);
said({#presence{type = unavailable} = Presence, #{jid := JID} = State}) ->
    tell_offline(JID),
    {Presence, maps:remove(annex_said, State)};
said(Acc) ->
    Acc.

news(#presence{show = Show, status = Status} = Presence,
     #{jid := #jid{lserver = Host} = JID} = State) ->
    El = online(JID, Presence, []),
    lists:foreach(fun(Component) -> annex_link:tell(Host, Component, El) end,
                  annex_host:with(presence, Host)),
    {Presence, State#{annex_said => {Show, Status}}}.

online(JID, Presence, Attrs) ->
    Said = Presence#presence{from = JID, to = undefined, meta = #{}},
    annex_xml:element(<<"online">>, [{<<"jid">>, JID} | Attrs],
                      [xmpp:encode(Said)]).

tell_offline(#jid{lserver = Host} = JID) ->
    El = annex_xml:element(<<"offline">>, [{<<"jid">>, JID}]),
    lists:foreach(fun(Component) -> annex_link:tell(Host, Component, El) end,
                  annex_host:with(presence, Host)).

%% A session has ended, unless another one has taken its place.
ended(_SID, #jid{luser = User, lserver = Server, lresource = Resource} = JID,
      _Info) ->
    Present = ejabberd_sm:get_user_present_resources(User, Server),
    case lists:keymember(Resource, 2, Present) of
        true -> ok;
        false -> tell_offline(JID)
    end.

resumed(State, #{annex_said := Said}) ->
    State#{annex_said => Said};
resumed(State, _Old) ->
    State.

%% After hello: each session tells by itself, so that it is in order with what
%% it tells next.
greeted(Host, Component) ->
    case annex_host:has(presence, Host, Component) of
        true -> spawn(fun() -> ask_all(Host, Component) end);
        false -> ok
    end.

ask_all(Host, Component) ->
    [Pid ! {?MODULE, Component}
     || #session{usr = {_, Server, _}, sid = {_, Pid}, priority = Priority}
            <- ejabberd_sm:dirty_get_my_sessions_list(),
        Server == Host, is_integer(Priority)].

asked(#{pres_last := Last, annex_said := {Show, Status},
        jid := #jid{lserver = Host} = JID} = State, {?MODULE, Component}) ->
    Presence = Last#presence{show = Show, status = Status},
    annex_link:tell(Host, Component,
                    online(JID, Presence, [{<<"known">>, true}])),
    {stop, State};
asked(#{pres_last := Last, jid := #jid{lserver = Host} = JID} = State,
      {?MODULE, Component}) ->
    annex_link:tell(Host, Component, online(JID, Last, [{<<"known">>, true}])),
    {stop, State};
asked(State, {?MODULE, _Component}) ->
    {stop, State};
asked(State, _Info) ->
    State.
