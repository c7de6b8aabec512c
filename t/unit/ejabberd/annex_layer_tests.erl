-module(annex_layer_tests).

-include_lib("eunit/include/eunit.hrl").

layers(Given) ->
    lists:foldl(fun annex_layer:put/2, [], Given).

without_layers_all_stays_test() ->
    ?assertEqual({away, words}, annex_layer:shown({away, words}, [])).

raise_shows_only_what_is_busier_test_() ->
    Shows = [undefined, chat, away, xa, dnd],
    [?_assertEqual({Wanted, own},
                   annex_layer:shown({Said, own},
                                     layers([{k, 0, raise, Over, []}])))
     || {Said, N} <- lists:zip(Shows, lists:seq(1, 5)),
        {Over, M} <- lists:zip(Shows, lists:seq(1, 5)),
        Wanted <- [lists:nth(max(N, M), Shows)]].

raise_shows_its_status_in_any_case_test() ->
    ?assertEqual({dnd, theirs},
                 annex_layer:shown({dnd, own},
                                   layers([{k, 0, raise, away, theirs}]))).

replace_shows_what_it_says_test() ->
    ?assertEqual({undefined, []},
                 annex_layer:shown({dnd, own},
                                   layers([{k, 0, replace, undefined, []}]))).

the_highest_rank_counts_and_of_equals_the_last_test() ->
    Layers = layers([{a, 2, replace, away, a}, {b, 1, replace, xa, b},
                     {c, 2, replace, dnd, c}]),
    ?assertEqual({dnd, c}, annex_layer:shown({chat, own}, Layers)),
    Second = annex_layer:remove(c, Layers),
    ?assertEqual({away, a}, annex_layer:shown({chat, own}, Second)),
    Third = annex_layer:remove(a, Second),
    ?assertEqual({xa, b}, annex_layer:shown({chat, own}, Third)),
    ?assertEqual([], annex_layer:remove(b, Third)).

one_key_is_one_layer_test() ->
    Layers = layers([{a, 2, replace, away, a}, {a, 1, replace, xa, b}]),
    ?assertEqual({xa, b}, annex_layer:shown({chat, own}, Layers)),
    ?assertEqual([], annex_layer:remove(a, Layers)).
