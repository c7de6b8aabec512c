%% What goes into components with fanout, and what comes out of them: it is
%% judged when it goes in.
-module(annex_door).

-export([configure/1, doors/1, entered/1, enters/2, leaves/2]).

-include("xmpp.hrl").
-include("annex.hrl").

%% After others, who may drop it; looked at only while there is a door, as it
%% sees all that is routed.
-define(PRIORITY, 90).

configure(Configs) ->
    Doors = doors(Configs),
    persistent_term:put(?MODULE, Doors),
    case map_size(Doors) of
        0 -> ejabberd_hooks:delete(filter_packet, ?MODULE, entered, ?PRIORITY);
        _ -> ejabberd_hooks:add(filter_packet, ?MODULE, entered, ?PRIORITY)
    end.

%% Which host has it judged, by component: of several the first by name.
doors(Configs) ->
    maps:from_list([{Component, Host}
                    || {Host, #{hooks := #{check := _, fanout := Components}}}
                           <- lists:reverse(lists:sort(maps:to_list(Configs))),
                       Component <- Components]).

%% Whatever is routed.
entered(drop) ->
    drop;
entered(Stanza) ->
    case host_of(xmpp:get_to(Stanza)) of
        none -> Stanza;
        Host -> entered(Host, Stanza)
    end.

host_of(#jid{lserver = Component}) ->
    maps:get(Component, persistent_term:get(?MODULE, #{}), none);
host_of(undefined) ->
    none.

entered(Host, Stanza) ->
    case enters(Host, Stanza)
        andalso not xmpp:get_meta(Stanza, annex_fanout, false)
        andalso xmpp:get_meta(Stanza, annex_checked, none) == none of
        true -> annex_check:entered(Host, Stanza);
        false -> Stanza
    end.

%% Whether it goes into one that the host knows, and nobody judged it when it
%% was sent.
enters(Host, Stanza) ->
    case {xmpp:get_from(Stanza), xmpp:get_to(Stanza)} of
        {#jid{lserver = Component}, #jid{lserver = Component}} ->
            false;
        {#jid{lserver = Sender}, #jid{lserver = Component}} ->
            annex_host:has(fanout, Host, Component)
                andalso annex_host:with(check, Sender) == [];
        _ ->
            false
    end.

%% Whether it is what somebody said inside: to all there, to one, or to invite
%% somebody.
leaves(Host, #message{from = #jid{lserver = Component}} = Message) ->
    annex_host:has(fanout, Host, Component) andalso is_said(Message);
leaves(_Host, _Stanza) ->
    false.

is_said(#message{type = groupchat}) ->
    true;
is_said(Message) ->
    lists:any(fun(El) -> annex_xml:namespace(El) == ?NS_MUC_USER end,
              xmpp:get_els(Message)).
