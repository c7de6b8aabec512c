%% The id by which a message is known to all components.  It is in the
%% message's meta while it is inside the router, and in <stanza-id/> (XEP-0359)
%% of what is delivered, by which it is known again when it comes from a store.
-module(annex_id).

-export([hooks/0, sent/1, came/1, delivered/1, absent/1]).
-export([of_stanza/1, name/2, put/3]).

-include("xmpp.hrl").
-include("annex.hrl").

%% Where the id is put in is after mod_mam, which takes a message that has one
%% for archived, and before mod_carboncopy and mod_offline, by their names.
hooks() ->
    [{user_send_packet, sent, 0},
     {sm_receive_packet, came, 0},
     {user_receive_packet, delivered, 89},
     {offline_message_hook, absent, 50}].

sent({#message{} = Message, State}) ->
    {ensure(Message), State};
sent(Acc) ->
    Acc.

%% An error by which the router answers has the meta of what it answers.
came(#message{meta = #{annex_fanout := true}} = Message) ->
    Message;
came(#message{type = error, from = From,
              meta = #{annex_sender := Sender} = Meta} = Message)
  when From /= Sender ->
    Message#message{meta = #{annex_bounce => true,
                             ip => maps:get(ip, Meta, {0, 0, 0, 0})}};
came(#message{to = To} = Message) ->
    Els = xmpp:get_els(Message),
    Clean = xmpp:set_els(Message, without(To, Els)),
    case {Message, [El || El <- Els, is_by(author(To), El)]} of
        {#message{meta = #{from_offline := true}}, [El | _]} ->
            name(annex_xml:attr(<<"id">>, annex_xml:plain(El)), Clean);
        _ ->
            ensure(Clean)
    end;
came(Stanza) ->
    Stanza.

delivered({Stanza, State}) ->
    {stamp(Stanza), State}.

absent({Action, Message}) ->
    {Action, stamp(Message)}.

stamp(#message{to = To, meta = #{annex_id := Id}} = Message) ->
    put(Id, To, Message);
stamp(Stanza) ->
    Stanza.

ensure(#message{meta = #{annex_id := _}} = Message) ->
    Message;
ensure(Message) ->
    name(new(), Message).

name(undefined, Stanza) ->
    Stanza;
name(Id, Stanza) ->
    xmpp:put_meta(xmpp:put_meta(Stanza, annex_id, Id), annex_sender,
                  xmpp:get_from(Stanza)).

of_stanza(Stanza) ->
    xmpp:get_meta(Stanza, annex_id, undefined).

%% Into what a user of the host gets, without any that pretends to be it.
put(Id, To, Message) ->
    By = author(To),
    StanzaId = #xmlel{name = <<"stanza-id">>,
                      attrs = [{<<"xmlns">>, ?NS_SID_0}, {<<"by">>, By},
                               {<<"id">>, Id}]},
    xmpp:set_els(Message, without(To, xmpp:get_els(Message)) ++ [StanzaId]).

%% The archive's own ids are the archive's matter.
without(#jid{lserver = Host} = To, Els) ->
    By = lists:usort([author(To), Host]),
    [El || El <- Els, not lists:any(fun(Author) -> is_by(Author, El) end, By)].

%% The account, unless the archive's ids are the account's.
author(#jid{luser = User, lserver = Host}) ->
    case gen_mod:is_loaded(Host, mod_mam) of
        true -> Host;
        false -> <<User/binary, $@, Host/binary>>
    end.

is_by(By, #xmlel{name = <<"stanza-id">>} = El) ->
    annex_xml:namespace(El) == ?NS_SID_0 andalso
        normal(annex_xml:attr(<<"by">>, El, <<>>)) == By;
is_by(By, #stanza_id{by = JID}) ->
    jid:encode(jid:tolower(JID)) == By;
is_by(_By, _El) ->
    false.

normal(Text) ->
    try
        jid:encode(jid:tolower(jid:decode(Text)))
    catch
        error:{bad_jid, _} -> Text
    end.

new() ->
    << <<(url(Char))>> || <<Char>> <= base64:encode(
                                          crypto:strong_rand_bytes(12)) >>.

url($+) -> $-;
url($/) -> $_;
url(Char) -> Char.
