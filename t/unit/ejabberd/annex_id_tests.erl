-module(annex_id_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(USER, <<"juliet@a.example">>).
-define(JULIET, jid:make(<<"juliet">>, ?HOST, <<"balcony">>)).

%% The router keeps these.
modules(Modules, Test) ->
    {setup,
     fun() ->
         annex_id:create(),
         ets:new(ejabberd_modules, [named_table, public]),
         [ets:insert(ejabberd_modules, {{Module, ?HOST}})
          || Module <- Modules]
     end,
     fun(_) ->
         [ets:delete(Table) || Table <- [annex_id, ejabberd_modules]]
     end,
     fun(_) -> Test end}.

message(Type) ->
    message(Type, []).

message(Type, Ids) ->
    #message{type = Type, from = jid:make(<<"garden">>, <<"far">>, <<"nurse">>),
             to = ?JULIET,
             sub_els = [#xmlel{name = <<"stanza-id">>,
                               attrs = [{<<"xmlns">>, ?NS_SID_0},
                                        {<<"by">>, By}, {<<"id">>, Id}]}
                        || {By, Id} <- Ids]}.

ids(Message) ->
    [{fxml:get_tag_attr_s(<<"by">>, El), fxml:get_tag_attr_s(<<"id">>, El)}
     || #xmlel{name = <<"stanza-id">>} = El <- xmpp:get_els(Message)].

authors() ->
    [{chat, ?USER}, {normal, ?USER}, {groupchat, ?HOST}, {headline, ?HOST},
     {error, ?HOST}].

the_account_names_talk_alone_test_() ->
    modules([], [?_assertEqual([{By, <<"1">>}],
                               ids(annex_id:put(<<"1">>, ?JULIET,
                                                message(Type))))
                 || {Type, By} <- authors()]).

beside_an_archive_the_host_names_all_test_() ->
    modules([mod_mam],
            [?_assertEqual([{?USER, <<"archive">>}, {?HOST, <<"1">>}],
                           ids(annex_id:put(
                                 <<"1">>, ?JULIET,
                                 message(Type, [{?USER, <<"archive">>}]))))
             || {Type, _} <- authors()]).

it_takes_the_place_of_all_that_are_ours_test_() ->
    Forged = [{By, <<"forged">>}
              || By <- [?USER, ?HOST, <<"JULIET@A.example">>,
                        <<"A.EXAMPLE">>, <<"far">>]],
    modules([], [?_assertEqual([{<<"far">>, <<"forged">>}, {By, <<"1">>}],
                               ids(annex_id:put(<<"1">>, ?JULIET,
                                                message(Type, Forged))))
                 || {Type, By} <- authors()]).

it_is_found_in_what_was_stored_test_() ->
    modules([], [?_assertEqual({<<"1">>, []},
                               stored(message(Type, [{By, <<"1">>}])))
                 || {Type, _} <- authors(), By <- [?USER, ?HOST]]).

an_archives_id_is_none_of_ours_test_() ->
    modules([mod_mam],
            ?_test(begin
                       Given = [{?USER, <<"1">>}],
                       {Id, Given} = stored(message(chat, Given)),
                       ?assertNotEqual(<<"1">>, Id)
                   end)).

stored(Message) ->
    Came = annex_id:came(xmpp:put_meta(Message, from_offline, true)),
    {annex_id:of_stanza(Came), ids(Came)}.

with_table(Test) ->
    {setup, fun annex_id:create/0, fun(_) -> ets:delete(annex_id) end,
     fun(_) -> Test end}.

%% Those of several processes at once.
made(Processes, Count) ->
    Self = self(),
    [spawn_link(fun() ->
         Self ! {made, [annex_id:new() || _ <- lists:seq(1, Count)]}
     end) || _ <- lists:seq(1, Processes)],
    lists:append([receive {made, Ids} -> Ids end
                  || _ <- lists:seq(1, Processes)]).

none_is_made_twice_test_() ->
    with_table(fun() ->
        Ids = made(10, 2000),
        ?assertEqual(length(Ids), length(lists:usort(Ids))),
        [?assertMatch({match, _}, re:run(Id, "^[A-Za-z0-9_-]{16}$"))
         || Id <- lists:sublist(Ids, 1000)],
        %% What was used up is not kept.
        ?assert(ets:info(annex_id, size) =< 2)
    end).

delay(From) ->
    #xmlel{name = <<"delay">>,
           attrs = [{<<"xmlns">>, ?NS_DELAY}, {<<"from">>, From},
                    {<<"stamp">>, <<"2002-10-13T23:58:37Z">>}]}.

sent(Message) ->
    {Sent, _} = annex_id:sent({Message, #{lserver => ?HOST}}),
    ?assert(is_binary(annex_id:of_stanza(Sent))),
    xmpp:get_els(Sent).

nobody_sends_a_time_by_the_host_test_() ->
    with_table(fun() ->
        Others = [delay(<<"far">>), delay(?USER), delay(<<>>),
                  #xmlel{name = <<"delay">>,
                         attrs = [{<<"from">>, ?HOST}]},
                  #delay{from = ?JULIET, stamp = {0, 0, 0}}],
        Forged = [delay(?HOST), delay(<<"A.Example">>),
                  #delay{from = jid:make(?HOST), stamp = {0, 0, 0}}],
        ?assertEqual(Others, sent(#message{sub_els = Others ++ Forged})),
        Released = annex_id:name(<<"1">>, #message{
                                   from = ?JULIET, sub_els = Forged}),
        ?assertEqual(Forged, sent(Released))
    end).
