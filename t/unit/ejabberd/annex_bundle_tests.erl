-module(annex_bundle_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-export([send/2, close/1, get_owner/1, get_transport/1]).
-export([seen/1, seen/2, ending/1]).

-define(HOST, <<"example.org">>).

%% A socket that tells what is written, of the kind that its name says.
send(broken, _Data) -> {error, closed};
send(slow, Data) -> self() ! {written, Data}, {error, timeout};
send(failing, _Data) -> error(noproc);
send(_Kind, Data) -> self() ! {written, Data}, ok.

close(_Kind) -> self() ! closed, ok.

get_owner(_Kind) -> self().

get_transport(websocket) -> websocket;
get_transport(_Kind) -> tcp.

%% As another module's hook.
seen(Stanza) -> self() ! {seen, name(Stanza)}, {stop, drop}.

seen(State, {route, Stanza}) -> self() ! {seen, name(Stanza)}, State.

%% A hook in which the session ends with the second stanza.
ending({Stanza, _State} = Acc) ->
    name(Stanza) == <<"b">> andalso exit(normal),
    Acc.

name(Stanza) -> (xmpp:get_from(Stanza))#jid.resource.

%% Since ejabberd 24 with those who subscribe to it.
hook(Hook, Module, Function) ->
    Key = {Hook, ?HOST},
    Handlers = [{1, Module, Function}],
    {module, ejabberd_hooks} = code:ensure_loaded(ejabberd_hooks),
    ets:insert(hooks, case erlang:function_exported(ejabberd_hooks, subscribe,
                                                    4) of
                          true -> {Key, Handlers, []};
                          false -> {Key, Handlers}
                      end).

session(Kind) ->
    #{owner => self(), mod => ejabberd_c2s, lserver => ?HOST,
      jid => listener(), pres_a => gb_sets:new(), xmlns => ?NS_CLIENT,
      lang => <<>>, stream_header_sent => true, stream_state => established,
      socket => xmpp_socket:new(?MODULE, Kind, [])}.

listener() ->
    jid:make(<<"juliet">>, ?HOST, <<"balcony">>).

stanzas() ->
    From = fun(Nick) -> jid:make(<<"room">>, <<"rooms">>, Nick) end,
    [#presence{from = From(<<"a">>)},
     #message{type = groupchat, from = From(<<"b">>)},
     #presence{from = From(<<"c">>)}].

bundle() ->
    annex_bundle:send(self(), stanzas(), listener()),
    receive {route, _} = Info -> Info end.

take(Kind) ->
    Session = #{socket := Socket} = session(Kind),
    ?assertMatch({stop, #{socket := Socket}},
                 annex_bundle:came(Session, bundle())).

said() ->
    receive
        {written, Data} -> [iolist_to_binary(Data) | said()];
        Other -> [Other | said()]
    after 0 -> []
    end.

nicks(Data) ->
    {match, Found} = re:run(Data, "room@rooms/(\\w)",
                            [global, {capture, all_but_first, list}]),
    lists:append(Found).

bundle_test_() ->
    {foreach, fun() -> ets:new(hooks, [named_table, public]) end,
     fun(_) -> ets:delete(hooks) end,
     [{"is written at once, in order", fun written_at_once/0},
      {"is each by itself where sockets are not ours", fun apart/0},
      {"ends a session that cannot write", fun unwritable/0},
      {"is seen one by one by who wants to", fun seen_apart/0},
      {"comes back one by one from a session that ends", fun returned/0},
      {"is nothing for one alone", fun alone/0},
      {"is written before the session closes", fun closed/0},
      {"is for hosts with fanout alone", fun ready/0},
      {"is written in pieces of whole stanzas", fun pieces/0},
      {"is written no further than can be", fun no_further/0},
      {"ends a session whose socket fails", fun failing/0},
      {"is written but for a stanza that fails", fun failed/0},
      {"is written when the session ends meanwhile", fun ended/0}]}.

written_at_once() ->
    take(plain),
    [Data] = said(),
    ?assertEqual(["a", "b", "c"], nicks(Data)),
    ?assertMatch([_, _, _, _], binary:split(Data, <<"to='juliet@example.org/">>,
                                            [global])).

apart() ->
    take(websocket),
    ?assertEqual([["a"], ["b"], ["c"]], [nicks(Data) || Data <- said()]).

unwritable() ->
    take(broken),
    ?assertEqual([{'$gen_event', closed}], said()).

seen_apart() ->
    hook(c2s_handle_info, ?MODULE, seen),
    take(plain),
    ?assertEqual([{seen, <<"a">>}, {seen, <<"b">>}, {seen, <<"c">>}], said()).

returned() ->
    {route, Carrier} = bundle(),
    hook(sm_receive_packet, ?MODULE, seen),
    ?assertEqual({stop, drop}, annex_bundle:routed(Carrier)),
    ?assertEqual([{seen, <<"a">>}, {seen, <<"b">>}, {seen, <<"c">>}], said()).

alone() ->
    [First | _] = stanzas(),
    annex_bundle:send(self(), [First], listener()),
    ?assertEqual([{route, First#presence{to = listener()}}], said()),
    ?assertEqual(First, annex_bundle:routed(First)).

closed() ->
    annex_cork:fold(fun(Stanza, State) ->
                            xmpp_stream_in:close(
                              ejabberd_c2s:send(State, Stanza))
                    end, [hd(stanzas())], session(plain)),
    ?assertMatch([<<"<presence", _/binary>>, closed], said()).

%% The hook stays for what was sent before.
ready() ->
    hook(c2s_handle_info, annex_bundle, came),
    annex_host:set(?HOST, #{components => #{},
                            hooks => #{fanout => [<<"rooms">>]}}),
    With = annex_bundle:is_ready(?HOST),
    annex_host:set(?HOST, #{components => #{}, hooks => #{}}),
    Without = annex_bundle:is_ready(?HOST),
    annex_host:unset(?HOST),
    ?assertEqual({true, false}, {With, Without}).

%% 60 of 1000 bytes and one of 20000.
talk() ->
    [#message{from = jid:make(<<"room">>, <<"rooms">>, integer_to_binary(N)),
              body = [#text{data = binary:copy(<<"x">>, Size)}]}
     || {N, Size} <- lists:zip(lists:seq(1, 61), lists:duplicate(60, 1000)
                                                 ++ [20000])].

say_all(Session) ->
    annex_cork:fold(fun(Stanza, State) -> ejabberd_c2s:send(State, Stanza) end,
                    talk(), Session).

pieces() ->
    say_all(session(plain)),
    Pieces = said(),
    ?assertEqual([lists:seq(1, 60), [61]],
                 [lists:append([numbers(Piece) || Piece <- Some])
                  || Some <- [lists:droplast(Pieces), [lists:last(Pieces)]]]),
    ?assertEqual([], [Piece || Piece <- lists:droplast(Pieces),
                               byte_size(Piece) > 16384]),
    ?assert(length(Pieces) =< 8).

%% Each begins and ends with a stanza.
numbers(Piece) ->
    ?assertMatch({match, _}, re:run(Piece, "^<message.*</message>$")),
    {match, Found} = re:run(Piece, "room@rooms/(\\d+)",
                            [global, {capture, all_but_first, list}]),
    [list_to_integer(Number) || [Number] <- Found].

no_further() ->
    say_all(session(slow)),
    [Written, {'$gen_event', closed}] = said(),
    ?assert(byte_size(Written) =< 16384).

failing() ->
    take(failing),
    ?assertEqual([{'$gen_event', closed}], said()).

%% A session with stream management, as after <enable/>.
managed() ->
    hook(c2s_handle_send, mod_stream_mgmt, c2s_handle_send),
    (session(plain))#{mgmt_state => active, mgmt_stanzas_out => 0,
                      mgmt_queue => p1_queue:new(),
                      mgmt_max_queue => infinity,
                      mgmt_xmlns => ?NS_STREAM_MGMT_3,
                      mgmt_ack_timeout => infinity}.

%% Fails once the second is sent.
send_or_fail(Stanza, State) ->
    Next = ejabberd_c2s:send(State, Stanza),
    name(Stanza) /= <<"b">> orelse error(failed),
    Next.

failed() ->
    Session = #{socket := Socket} = managed(),
    #{socket := Socket, mgmt_stanzas_out := Count, mgmt_queue := Queue} =
        annex_cork:fold(fun send_or_fail/2, stanzas(), Session),
    [Data] = said(),
    ?assertEqual(["a", "c"], nicks(Data)),
    ?assertEqual(2, Count),
    ?assertEqual([<<"a">>, <<"c">>],
                 [name(Stanza) || {_, _, Stanza} <- p1_queue:to_list(Queue)]),
    ?assertEqual(undefined, get(annex_cork)).

ended() ->
    hook(user_receive_packet, ?MODULE, ending),
    ?assertExit(normal, annex_bundle:came(session(plain), bundle())),
    [Data] = said(),
    ?assertEqual(["a"], nicks(Data)),
    ?assertEqual(undefined, get(annex_cork)).

%% One answers at once, the other when nobody waits for it any more.
settled_without_traces_test_() ->
    {setup, fun() ->
                [ets:new(ejabberd_options, [named_table, public]),
                 ets:new(session, [named_table, public, {keypos, 2}])]
            end,
     fun(Tables) -> [ets:delete(Table) || Table <- Tables] end,
     fun settled/0}.

settled() ->
    {module, _} = code:ensure_loaded(ejabberd_sm_mnesia),
    ets:insert(ejabberd_options, [{{hosts, global}, [?HOST]},
                                  {{sm_db_type, ?HOST}, mnesia}]),
    Self = self(),
    [Late, AtOnce] = [spawn_link(fun() -> answer(When, Self) end)
                      || When <- [late, at_once]],
    [ets:insert(session, {session, {Number, Pid}, {<<"juliet">>, ?HOST, <<>>},
                          none, 0, []})
     || {Number, Pid} <- [{1, Late}, {2, AtOnce}]],
    annex_bundle:settle(?HOST),
    Late ! now,
    receive {answered, Late} -> ok end,
    ?assertEqual([], said()).

answer(When, Tester) ->
    Asked = receive {annex_bundle, _, _} = Info -> Info end,
    When == late andalso receive now -> ok end,
    {stop, none} = annex_bundle:came(none, Asked),
    When == late andalso (Tester ! {answered, self()}).
