%% The id by which a message is known to all components.  It is in the
%% message's meta while it is inside the router, and in <stanza-id/> (XEP-0359)
%% of what is delivered, by which it is known again when it comes from a store.
-module(annex_id).

-export([create/0, hooks/0, sent/1, came/1, delivered/1, absent/1]).
-export([of_stanza/1, ensure/1, name/2, put/3, new/0]).

-include("xmpp.hrl").
-include("annex.hrl").

-define(ID_BYTES, 16).
-define(AT_ONCE, 256).

%% {last, how many were made}, and {Number, so many of them in a row}: to ask
%% for random bytes takes much longer than to pick some.
create() ->
    ets:new(?MODULE, [named_table, public, {write_concurrency, true}]),
    ets:insert(?MODULE, {last, 0}).

%% Where the id is put in is after mod_mam, which takes a message that has one
%% for archived, and before mod_carboncopy and mod_offline, by their names.
hooks() ->
    [{user_send_packet, sent, 0},
     {sm_receive_packet, came, 0},
     {user_receive_packet, delivered, 89},
     {offline_message_hook, absent, 50}].

sent({#message{meta = #{annex_id := _}}, _State} = Acc) ->
    Acc;
sent({#message{} = Message, #{lserver := Host} = State}) ->
    {name(new(), without_delays(Host, Message)), State};
sent(Acc) ->
    Acc.

%% It does not say itself that this host let it go on later.
without_delays(Host, Message) ->
    Els = xmpp:get_els(Message),
    case lists:filter(fun(El) -> delayed_by(El) /= Host end, Els) of
        Els -> Message;
        Others -> xmpp:set_els(Message, Others)
    end.

delayed_by(#xmlel{name = <<"delay">>} = El) ->
    case annex_xml:namespace(El) of
        ?NS_DELAY -> normal(annex_xml:attr(<<"from">>, El, <<>>));
        _ -> undefined
    end;
delayed_by(#delay{from = #jid{} = From}) ->
    jid:encode(jid:tolower(From));
delayed_by(_El) ->
    undefined.

%% An error by which the router answers has the meta of what it answers.
came(#message{meta = #{annex_fanout := true}} = Message) ->
    Message;
came(#message{type = error, from = From,
              meta = #{annex_sender := Sender} = Meta} = Message)
  when From /= Sender ->
    Message#message{meta = #{annex_bounce => true,
                             ip => maps:get(ip, Meta, {0, 0, 0, 0})}};
came(#message{to = To} = Message) ->
    {Ours, Others} = lists:partition(is_ours(To), xmpp:get_els(Message)),
    Clean = xmpp:set_els(Message, Others),
    case {Message, Ours} of
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

%% Each message has an id after that.
ensure(#message{meta = #{annex_id := _}} = Message) ->
    Message;
ensure(#message{} = Message) ->
    name(new(), Message);
ensure(Stanza) ->
    Stanza.

name(undefined, Stanza) ->
    Stanza;
name(Id, Stanza) ->
    xmpp:put_meta(xmpp:put_meta(Stanza, annex_id, Id), annex_sender,
                  xmpp:get_from(Stanza)).

of_stanza(Stanza) ->
    xmpp:get_meta(Stanza, annex_id, undefined).

%% Into what a user of the host gets, without any that pretends to be it.
put(Id, To, Message) ->
    StanzaId = #xmlel{name = <<"stanza-id">>,
                      attrs = [{<<"xmlns">>, ?NS_SID_0},
                               {<<"by">>, author(To, Message)},
                               {<<"id">>, Id}]},
    {_, Others} = lists:partition(is_ours(To), xmpp:get_els(Message)),
    xmpp:set_els(Message, Others ++ [StanzaId]).

%% An id by the account says that the account's archive has the message, which
%% others act upon; an archive has none of these.
author(#jid{lserver = Host}, #message{type = Type})
  when Type == groupchat; Type == headline; Type == error ->
    Host;
author(To, _Message) ->
    lists:last(authors(To)).

%% Whom our ids may be by.  The account's are the archive's matter where the
%% router keeps one.
authors(#jid{luser = User, lserver = Host}) ->
    case gen_mod:is_loaded(Host, mod_mam) of
        true -> [Host];
        false -> [Host, <<User/binary, $@, Host/binary>>]
    end.

is_ours(To) ->
    Authors = authors(To),
    fun(El) -> lists:member(by(El), Authors) end.

by(#xmlel{name = <<"stanza-id">>} = El) ->
    case annex_xml:namespace(El) of
        ?NS_SID_0 -> normal(annex_xml:attr(<<"by">>, El, <<>>));
        _ -> undefined
    end;
by(#stanza_id{by = By}) ->
    jid:encode(jid:tolower(By));
by(_El) ->
    undefined.

normal(Text) ->
    try
        jid:encode(jid:tolower(jid:decode(Text)))
    catch
        error:{bad_jid, _} -> Text
    end.

new() ->
    Number = ets:update_counter(?MODULE, last, 1),
    pick(Number rem ?AT_ONCE, Number div ?AT_ONCE).

%% Who picks the first makes the row.
pick(0, Number) ->
    Row = random(?AT_ONCE * ?ID_BYTES),
    ets:insert(?MODULE, {Number, Row}),
    ets:delete(?MODULE, Number - 1),
    %% The next may be there already, if this took long.
    ets:lookup_element(?MODULE, last, 2) div ?AT_ONCE > Number
        andalso ets:delete(?MODULE, Number),
    part(Row, 0);
pick(Place, Number) ->
    case ets:lookup(?MODULE, Number) of
        [{_, Row}] -> part(Row, Place);
        [] -> random(?ID_BYTES)         % not there yet, or not any more
    end.

part(Row, Place) ->
    binary:copy(binary:part(Row, Place * ?ID_BYTES, ?ID_BYTES)).

random(Length) ->
    << <<(url(Char))>> || <<Char>> <= base64:encode(
                              crypto:strong_rand_bytes(Length * 3 div 4)) >>.

url($+) -> $-;
url($/) -> $_;
url(Char) -> Char.
