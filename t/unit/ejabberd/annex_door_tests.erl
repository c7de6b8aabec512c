-module(annex_door_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"example.org">>).
-define(ROOMS, <<"rooms.example.org">>).

config(Hooks) ->
    #{components => #{}, hooks => Hooks}.

judging() ->
    config(#{check => [<<"judge.example.org">>], fanout => [?ROOMS]}).

%% Two hosts, of which one judges nothing.
with_hosts(Test) ->
    {setup, fun() ->
                    annex_host:set(?HOST, judging()),
                    annex_host:set(<<"open.example">>,
                                   config(#{fanout => [?ROOMS]}))
            end,
     fun(_) -> [annex_host:unset(Host) || Host <- [?HOST, <<"open.example">>]]
     end, Test}.

message(From, To) ->
    #message{type = groupchat, from = jid:decode(From), to = jid:decode(To)}.

what_nobody_judged_enters_test_() ->
    with_hosts(
      [?_assertEqual(Wanted, annex_door:enters(?HOST, message(From, To)))
       || {Wanted, From, To} <- [
              {true, <<"romeo@far/a">>, <<"hall@rooms.example.org">>},
              {true, <<"romeo@far/a">>, <<"hall@rooms.example.org/nurse">>},
              {true, <<"servant@gate.example.org">>, ?ROOMS},
              {true, <<"nurse@open.example/a">>, ?ROOMS},
              {false, <<"juliet@example.org/a">>, ?ROOMS},
              {false, <<"hall@rooms.example.org/romeo">>, ?ROOMS},
              {false, <<"romeo@far/a">>, <<"juliet@example.org">>},
              {false, <<"romeo@far/a">>, <<"gate.example.org">>}]]).

said() ->
    message(<<"hall@rooms.example.org/romeo">>, <<"juliet@example.org/a">>).

to_one() ->
    (said())#message{type = chat, sub_els = [#muc_user{}]}.

what_was_said_inside_leaves_test_() ->
    with_hosts(
      [?_assertEqual(Wanted, annex_door:leaves(?HOST, Stanza))
       || {Wanted, Stanza} <- [
              {true, said()},
              {true, to_one()},
              {true, (to_one())#message{sub_els = [xmpp:encode(#muc_user{})]}},
              {false, (said())#message{type = chat}},
              {false, (said())#message{from = jid:decode(<<"hall@far/a">>)}},
              {false, (to_one())#message{from = jid:decode(<<"a@far/a">>)}},
              {false, #presence{from = jid:decode(?ROOMS)}}]]).

the_first_host_that_judges_has_the_door_test() ->
    ?assertEqual(#{?ROOMS => <<"b">>},
                 annex_door:doors(#{<<"a">> => config(#{fanout => [?ROOMS]}),
                                    <<"b">> => judging(),
                                    <<"c">> => judging(),
                                    <<"d">> => config(#{check => [<<"x">>]})})).

it_is_watched_while_there_is_one_test() ->
    {ok, Hooks} = ejabberd_hooks:start_link(),
    IsWatched = fun(Configs) ->
                        annex_door:configure(Configs),
                        annex_hook:has(annex_door, filter_packet, global)
                end,
    Found = [IsWatched(Configs) || Configs <- [#{}, #{?HOST => judging()},
                                               #{?HOST => config(#{})}]],
    unlink(Hooks),
    exit(Hooks, kill),
    ?assertEqual([false, true, false], Found).

%% What was judged, be it by another host, and what rooms send each other.
what_is_done_goes_on_test_() ->
    {setup,
     fun() -> persistent_term:put(annex_door, #{?ROOMS => ?HOST}) end,
     fun(_) -> persistent_term:erase(annex_door) end,
     with_hosts(
       [?_assertEqual(Stanza, annex_door:entered(Stanza))
        || Stanza <- [drop, said(),
                      xmpp:put_meta(message(<<"romeo@far/a">>, ?ROOMS),
                                    annex_checked, <<"c">>),
                      xmpp:put_meta(message(<<"romeo@far/a">>, ?ROOMS),
                                    annex_fanout, true)]])}.
