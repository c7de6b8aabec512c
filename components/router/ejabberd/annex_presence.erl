%% presence: who comes and goes; and what each session says of itself, which
%% overlays need to know as well.
-module(annex_presence).

-export([hooks/0, greeted/3, ask_all/3]).
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
    tell_all(Host, online(JID, Presence, [])),
    {Presence, State#{annex_said => {Show, Status}}}.

online(JID, Presence, Attrs) ->
    Said = Presence#presence{from = JID, to = undefined, meta = #{}},
    annex_xml:element(<<"online">>, [{<<"jid">>, JID} | Attrs],
                      [xmpp:encode(Said)]).

tell_offline(#jid{lserver = Host} = JID) ->
    tell_all(Host, annex_xml:element(<<"offline">>, [{<<"jid">>, JID}])).

tell_all(Host, El) ->
    [annex_link:tell_anywhere(Host, Component, El)
     || Component <- annex_host:with(presence, Host)].

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

%% After hello: each session of all nodes tells by itself, so that it is in
%% order with what it tells next.
greeted(Host, Component, Stream) ->
    case annex_host:has(presence, Host, Component) of
        true -> [rpc:cast(Node, ?MODULE, ask_all, [Host, Component, Stream])
                 || Node <- ejabberd_cluster:get_nodes()];
        false -> ok
    end.

%% Those of this node.
ask_all(Host, Component, Stream) ->
    annex_link:await(Component, Stream),
    [Pid ! {?MODULE, Component}
     || #session{usr = {_, Server, _}, sid = {_, Pid}, priority = Priority}
            <- ejabberd_sm:dirty_get_my_sessions_list(),
        Server == Host, is_integer(Priority)].

asked(#{pres_last := Last, annex_said := {Show, Status},
        jid := #jid{lserver = Host} = JID} = State, {?MODULE, Component}) ->
    Presence = Last#presence{show = Show, status = Status},
    tell_known(Host, Component, JID, Presence),
    {stop, State};
asked(#{pres_last := Last, jid := #jid{lserver = Host} = JID} = State,
      {?MODULE, Component}) ->
    tell_known(Host, Component, JID, Last),
    {stop, State};
asked(State, {?MODULE, _Component}) ->
    {stop, State};
asked(State, _Info) ->
    State.

tell_known(Host, Component, JID, Presence) ->
    annex_link:tell_anywhere(Host, Component,
                             online(JID, Presence, [{<<"known">>, true}])).
