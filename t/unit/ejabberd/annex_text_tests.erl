-module(annex_text_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).

message(Body, Meta) ->
    #message{from = jid:decode(<<"romeo@a.example/orchard">>),
             to = jid:decode(<<"juliet@a.example">>), type = chat,
             body = [#text{data = Body}], meta = Meta}.

printed(Body) ->
    <<"<message to='juliet@a.example' from='romeo@a.example/orchard' "
      "type='chat' xmlns='jabber:client'><body>", Body/binary,
      "</body></message>">>.

text(Data) ->
    fxml_stream:parse_element(iolist_to_binary(Data)).

%% The order of attributes is not ours.
same(Wanted, Data) ->
    ?assertEqual(sorted(text(Wanted)), sorted(text(Data))).

sorted(#xmlel{attrs = Attrs, children = Children} = El) ->
    El#xmlel{attrs = lists:sort(Attrs),
             children = [sorted(Child) || Child <- Children]};
sorted(Cdata) ->
    Cdata.

it_is_what_the_router_prints_test() ->
    El = #xmlel{name = <<"tap">>, attrs = [{<<"xmlns">>, <<"urn:x-annex:0">>},
                                           {<<"id">>, <<"1">>}]},
    Wanted = <<"<message from='a.example' to='b.example'>"
               "<tap xmlns='urn:x-annex:0' id='1'/></message>">>,
    Text = annex_text:element(<<"tap">>, [{<<"id">>, <<"1">>},
                                          {<<"lost">>, undefined}], []),
    [same(Wanted, annex_text:message(?HOST, <<"b.example">>, Child))
     || Child <- [El, Text]],
    same(<<"<iq type='set' id='c1' from='a.example' to='b.example'>"
           "<tap xmlns='urn:x-annex:0' id='1'/></iq>">>,
         annex_text:iq(<<"c1">>, ?HOST, <<"b.example">>, El)).

what_has_a_meaning_in_xml_is_escaped_test() ->
    Value = <<"a'b\"c&d<e>f">>,
    El = text(annex_text:element(<<"tap">>, [{<<"id">>, Value}], [])),
    ?assertEqual(Value, fxml:get_tag_attr_s(<<"id">>, El)),
    #xmlel{attrs = Attrs} = text([<<"<iq ">>,
                                  annex_text:addresses(?HOST, Value), "/>"]),
    ?assertEqual({<<"to">>, Value}, lists:keyfind(<<"to">>, 1, Attrs)).

a_stanza_is_forwarded_with_its_time_test() ->
    Inner = annex_text:stanza(message(<<"one & two">>, #{annex_id => <<"x">>})),
    same(printed(<<"one &amp; two">>), Inner),
    same(<<"<forwarded xmlns='urn:xmpp:forward:0'>"
           "<delay xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>",
           (printed(<<"one &amp; two">>))/binary, "</forwarded>">>,
         annex_text:forwarded(<<"2026-11-29T12:00:00Z">>, Inner)).

what_is_kept_is_used_for_the_same_alone_test() ->
    Kept = <<"<kept/>">>,
    annex_text:keep(message(<<"one">>, #{ip => a}), Kept),
    ?assertEqual(Kept, annex_text:stanza(message(<<"one">>, #{ip => b}))),
    same(printed(<<"two">>), annex_text:stanza(message(<<"two">>, #{}))),
    ?assertEqual(Kept, annex_text:stanza(message(<<"one">>, #{}))),
    annex_text:forget(),
    same(printed(<<"one">>), annex_text:stanza(message(<<"one">>, #{}))).
