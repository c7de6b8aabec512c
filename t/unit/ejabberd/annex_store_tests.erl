-module(annex_store_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(COMPONENT, <<"offline.a.example">>).

%% A component that is attached, with this process as its stream.
attached(Test) ->
    {setup, fun attach/0, fun detach/1, fun(_) -> Test end}.

attach() ->
    [Module:create() || Module <- tables()],
    annex_host:set(?HOST, #{components => #{?COMPONENT => #{}},
                            hooks => #{store => [?COMPONENT],
                                       deliver => [?COMPONENT]}}).

detach(_) ->
    annex_host:unset(?HOST),
    [ets:delete(Table) || Table <- [annex_withdrawn_order,
                                    annex_withdrawn_count | tables()]].

tables() ->
    [annex_link, annex_deliver, annex_store, annex_withdrawn].

withdrawn(Name, Count) ->
    [annex_withdrawn:add(?HOST, ?COMPONENT, jid:make(Name, ?HOST),
                         integer_to_binary(Number))
     || Number <- lists:seq(1, Count)].

told() ->
    ets:insert(annex_link, {?COMPONENT, {self(), none}, infinity}),
    annex_store:greeted(?HOST, ?COMPONENT),
    messages().

messages() ->
    receive
        {route, #message{sub_els = [#xmlel{attrs = Attrs} = El]}} ->
            Ids = binary:split(fxml:get_tag_cdata(El), <<"\n">>, [global]),
            [{proplists:get_value(<<"user">>, Attrs), Ids} | messages()]
    after 0 -> []
    end.

what_is_for_one_user_is_in_few_messages_test_() ->
    attached(fun() ->
        withdrawn(<<"juliet">>, 150),
        withdrawn(<<"romeo">>, 1),
        ?assertMatch([{<<"juliet@a.example">>, _},
                      {<<"juliet@a.example">>, _},
                      {<<"romeo@a.example">>, [<<"1">>]}],
                     lists:sort(told()))
    end).
