-module(annex_expiry_tests).

-include_lib("eunit/include/eunit.hrl").

one_timer_for_what_is_renewed_test() ->
    Timers = annex_expiry:set(a, 100000, annex_expiry:new()),
    #{a := First} = Timers,
    Renewed = annex_expiry:set(a, 0, Timers),
    ?assertEqual(false, erlang:read_timer(First)),
    ?assertEqual(1, map_size(Renewed)),
    receive
        {timeout, Ref, a} ->
            ?assert(annex_expiry:is_over(a, Ref, Renewed)),
            ?assertNot(annex_expiry:is_over(a, First, Renewed))
    end.

none_for_what_was_stopped_test() ->
    Timers = annex_expiry:set(a, 100000, annex_expiry:new()),
    #{a := Ref} = Timers,
    Stopped = annex_expiry:stop(a, Timers),
    ?assertEqual(false, erlang:read_timer(Ref)),
    ?assertEqual(annex_expiry:new(), Stopped),
    ?assertEqual(Stopped, annex_expiry:stop(a, Stopped)),
    ?assertNot(annex_expiry:is_over(a, Ref, Stopped)).
