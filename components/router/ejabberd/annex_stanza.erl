%% What is done with stanzas, whoever does it.
-module(annex_stanza).

-export([replace/2, condition/1, error_type/1, error/3]).
-export([delay/3, without_resent/1, send_as/2, send_from/2, come/2]).

-include("xmpp.hrl").
-include("annex.hrl").

%% The children of another take the place of its own.
replace(#message{} = Stanza, #message{} = Other) ->
    Stanza#message{subject = Other#message.subject,
                   body = Other#message.body,
                   thread = Other#message.thread,
                   sub_els = Other#message.sub_els};
replace(#presence{} = Stanza, #presence{} = Other) ->
    Stanza#presence{show = Other#presence.show,
                    status = Other#presence.status,
                    priority = Other#presence.priority,
                    sub_els = Other#presence.sub_els};
replace(#iq{} = Stanza, #iq{sub_els = Els}) ->
    Stanza#iq{sub_els = Els};
replace(Stanza, _Other) ->
    Stanza.

%% A defined condition of RFC 6120 section 8.3.3.
condition(Name) ->
    Known = ['bad-request', conflict, 'feature-not-implemented', forbidden,
             'internal-server-error', 'item-not-found', 'jid-malformed',
             'not-acceptable', 'not-allowed', 'not-authorized',
             'payment-required', 'policy-violation', 'recipient-unavailable',
             'registration-required', 'remote-server-not-found',
             'remote-server-timeout', 'resource-constraint',
             'service-unavailable', 'subscription-required',
             'undefined-condition', 'unexpected-request'],
    case [Condition || Condition <- Known,
                       atom_to_binary(Condition, utf8) == Name] of
        [Condition] -> Condition;
        [] -> condition_with_address(Name)
    end.

condition_with_address(<<"gone">>) -> #gone{};
condition_with_address(<<"redirect">>) -> #redirect{};
condition_with_address(_) -> 'policy-violation'.

%% The type that goes with it; cancel where nothing is said.
error_type(Condition) ->
    Types = #{modify => ['bad-request', 'jid-malformed', 'not-acceptable',
                         'policy-violation'],
              auth => [forbidden, 'not-authorized', 'payment-required',
                       'registration-required', 'subscription-required'],
              wait => ['recipient-unavailable', 'remote-server-timeout',
                       'resource-constraint', 'unexpected-request']},
    case [Type || {Type, Conditions} <- maps:to_list(Types),
                  lists:member(Condition, Conditions)] of
        [Type] -> Type;
        [] -> cancel
    end.

error(Type, Condition, <<>>) ->
    #stanza_error{type = Type, reason = Condition};
error(Type, Condition, Text) ->
    #stanza_error{type = Type, reason = Condition, text = [#text{data = Text}]}.

%% When it was sent (XEP-0203), in the words of a component's <delay/>.
delay(Stanza, _Host, undefined) ->
    Stanza;
delay(Stanza, Host, Delay) ->
    El = #xmlel{name = <<"delay">>,
                attrs = [{<<"xmlns">>, ?NS_DELAY}, {<<"from">>, Host},
                         {<<"stamp">>, annex_xml:attr(<<"stamp">>, Delay,
                                                      <<>>)}]},
    xmpp:append_subtags(Stanza, [El]).

%% When it was sent to a session that never had it, and the message without
%% what mod_stream_mgmt adds to say that.
without_resent(Message) ->
    case lists:partition(fun is_resent/1, xmpp:get_els(Message)) of
        {[#delay{stamp = Stamp} | _], Others} ->
            {annex_xml:stamp(Stamp), xmpp:set_els(Message, Others)};
        {[], _} ->
            {annex_xml:stamp(), Message}
    end.

is_resent(#delay{desc = <<"Resent">>}) -> true;
is_resent(_) -> false.

%% As a session would have, when there is none.
send_as(Host, Stanza) ->
    From = xmpp:get_from(Stanza),
    State = #{jid => From, user => From#jid.user, server => From#jid.server,
              lserver => Host, resource => From#jid.resource,
              lang => xmpp:get_lang(Stanza)},
    case ejabberd_hooks:run_fold(user_send_packet, Host, {Stanza, State}, []) of
        {drop, _} -> ok;
        {Changed, _} -> send_allowed(Host, From, Changed)
    end.

send_allowed(Host, From, Stanza) ->
    case ejabberd_hooks:run_fold(privacy_check_packet, Host, allow,
                                 [From, Stanza, out]) of
        allow -> route(Host, From, Stanza);
        deny -> ejabberd_router:route_error(Stanza, xmpp:err_not_acceptable())
    end.

%% What came from outside goes on, to a user of the host or past that.
come(Host, Stanza) ->
    case xmpp:get_to(Stanza) of
        #jid{lserver = Host} -> ejabberd_sm:route(Stanza);
        _ -> ejabberd_router:route(Stanza)
    end.

%% Presence that a component sends for a user.
send_from(#jid{lserver = Host} = User, Presence) ->
    send_allowed(Host, User, Presence).

route(Host, From, #presence{type = Type} = Presence)
  when Type == subscribe; Type == subscribed;
       Type == unsubscribe; Type == unsubscribed ->
    ejabberd_hooks:run(roster_out_subscription, Host, [Presence]),
    ejabberd_router:route(
      xmpp:set_from(Presence, jid:remove_resource(From)));
route(_Host, _From, Stanza) ->
    ejabberd_router:route(Stanza).
