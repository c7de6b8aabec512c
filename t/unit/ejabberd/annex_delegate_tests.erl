-module(annex_delegate_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"example.org">>).
-define(COMPONENT, <<"archive.example.org">>).
-define(NS, <<"urn:example:archive">>).

%% One namespace of a host, which a component answers for.
delegated(Test) ->
    {setup, fun start/0, fun stop/1, fun(_) -> Test end}.

start() ->
    annex_delegate:create(),
    annex_host:set(?HOST, #{components =>
                                #{?COMPONENT => #{hooks => #{delegate => [?NS]},
                                                  delegated => 0,
                                                  delegated_each => 0}},
                            hooks => #{delegate => [?COMPONENT]}}),
    El = #xmlel{name = <<"delegate">>, attrs = [{<<"ns">>, ?NS}],
                children = [feature(<<"urn:x:a">>), feature(?NS)]},
    result = annex_delegate:request(#iq{}, El, {?HOST, ?COMPONENT}).

feature(Var) ->
    #xmlel{name = <<"feature">>, attrs = [{<<"var">>, Var}]}.

stop(_) ->
    annex_host:unset(?HOST),
    [ets:delete(Table) || Table <- [annex_delegate, annex_unanswered]].

take() ->
    Juliet = jid:make(<<"juliet">>, ?HOST),
    IQ = #iq{type = get, from = Juliet, to = Juliet,
             sub_els = [#xmlel{name = <<"query">>,
                               attrs = [{<<"xmlns">>, ?NS}]}]},
    Self = self(),
    annex_delegate:take(?HOST, IQ, fun(#iq{type = Type}) -> Self ! Type end).

waiting() ->
    ets:tab2list(annex_unanswered).

what_is_too_much_is_answered_and_not_counted_test_() ->
    delegated(fun() ->
        ?assertEqual(true, take()),
        ?assertEqual(error, receive Type -> Type after 0 -> none end),
        ?assertEqual([], waiting())
    end).

one_that_has_just_left_the_configuration_is_not_asked_test_() ->
    delegated(fun() ->
        annex_host:unset(?HOST),
        Taken = (catch take()),
        ?assertEqual([], waiting()),
        ?assertEqual(false, Taken)
    end).

%% Of an account and of the host.
features(Acc) ->
    Juliet = jid:make(<<"juliet">>, ?HOST),
    {annex_delegate:account_features(Acc, Juliet, Juliet, <<>>, <<>>),
     annex_delegate:host_features(Acc, Juliet, jid:make(?HOST), <<>>, <<>>)}.

a_feature_is_listed_once_test_() ->
    delegated(fun() ->
        {{result, Account}, {result, Host}} =
            features({result, [<<"urn:x:b">>, ?NS]}),
        ?assertEqual([?NS, <<"urn:x:a">>, <<"urn:x:b">>],
                     lists:sort(Account)),
        ?assertEqual([?NS, <<"urn:x:b">>], lists:sort(Host)),
        ?assertEqual({{error, no}, {error, no}}, features({error, no}))
    end).
