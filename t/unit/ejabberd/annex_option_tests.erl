-module(annex_option_tests).

-include_lib("eunit/include/eunit.hrl").

hooks_test_() ->
    [?_assertEqual({fanout, all}, annex_option:hook(<<"fanout">>)),
     ?_assertEqual({error, <<"there is no hook fly">>},
                   annex_option:hook(<<"fly">>)),
     ?_assertEqual({error, <<"there is no hook ">>}, annex_option:hook(<<>>)),
     ?_assertEqual({error, <<"fanout takes nothing after it: x">>},
                   annex_option:hook(<<"fanout:x">>))].

good_options_are_completed_test() ->
    {ok, #{<<"rooms.example.org">> := Rooms}} =
        component([{hooks, [<<"fanout">>]}, {credit, 3}, {timeout, 1}]),
    ?assertMatch(#{hooks := #{fanout := [all]}, credit := 3, window := 1000,
                   timeout := 1000, fail := open}, Rooms).

people_are_named_as_stanzas_name_them_test() ->
    {ok, Given} = component([{hooks, [<<"check">>]},
                             {profiles, [[{users, [<<"Juliet">>,
                                                   <<"Romeo@B.example">>]},
                                          {peers, [<<"C.Example">>,
                                                   <<"X@c.example">>]}]]}]),
    #{components := #{<<"rooms.example.org">> := #{profiles := [Profile]}}} =
        annex_option:compile(<<"a.example">>, Given),
    ?assertMatch(#{users := [<<"juliet@a.example">>, <<"romeo@b.example">>],
                   peers := [<<"c.example">>, <<"x@c.example">>]}, Profile).

bad_options_are_refused_test_() ->
    [?_assertMatch({error, _, _}, Result)
     || Result <- [read([]),
                   read([{<<"a b">>, [{hooks, [<<"fanout">>]}]}]),
                   component([]),
                   component([{hooks, []}]),
                   component([{hooks, [<<"fly">>]}]),
                   component([{hooks, [<<"fanout">>]}, {credit, 0}]),
                   component([{hooks, [<<"fanout">>]}, {fail, ajar}]),
                   component([{hooks, [<<"fanout">>]}, {colour, red}]),
                   component([{hooks, [<<"check">>]}, {profiles, []}]),
                   component([{hooks, [<<"check">>]},
                              {profiles, [[{users, [<<"a b">>]}]]}]),
                   component([{hooks, [<<"check">>]},
                              {profiles, [[{peers, [<<"a@b.example/c">>]}]]}]),
                   component([{hooks, [<<"tap">>]}, {spool, 0}]),
                   component([{hooks, [<<"fanout">>]},
                              {profiles, [[{name, <<"all">>}]]}])]].

component(Options) ->
    read([{<<"rooms.example.org">>, Options}]).

read(Given) ->
    econf:validate(annex_option:validator(), Given).
