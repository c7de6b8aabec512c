-module(annex_line_tests).

-include_lib("eunit/include/eunit.hrl").

line() ->
    lists:foldl(fun({Id, Item}, Line) -> annex_line:add(Id, Item, Line) end,
                annex_line:new(), [{1, one}, {2, two}, {3, three}]).

nobody_leaves_undecided_test() ->
    ?assertMatch({[], _}, annex_line:leave(line())).

a_new_line_is_empty_test() ->
    ?assert(annex_line:is_empty(annex_line:new())),
    ?assertNot(annex_line:is_empty(line())).

the_decided_wait_for_those_before_them_test() ->
    Line = annex_line:decide(2, deny, line()),
    ?assertMatch({[], _}, annex_line:leave(Line)).

they_leave_in_the_order_in_which_they_came_test() ->
    First = annex_line:decide(2, deny, line()),
    Second = annex_line:decide(1, allow, First),
    {Leaving, Others} = annex_line:leave(Second),
    ?assertEqual([{one, allow}, {two, deny}], Leaving),
    ?assertNot(annex_line:is_empty(Others)),
    {Last, Rest} = annex_line:leave(annex_line:decide(3, hold, Others)),
    ?assertEqual([{three, hold}], Last),
    ?assert(annex_line:is_empty(Rest)).

all_leave_at_once_when_it_is_emptied_test() ->
    Line = annex_line:decide(2, deny, line()),
    ?assertEqual([{one, failed}, {two, deny}, {three, failed}],
                 annex_line:empty(failed, Line)).
