-module(annex_wire_tests).

-include_lib("eunit/include/eunit.hrl").

%% This process is the stream's; Peer is what the component has.
connected(Test) ->
    connected(Test, []).

connected(Test, Opts) ->
    {setup, spawn, fun() -> ok end, fun(_) -> ok end,
     fun(_) -> fun() ->
         {ok, Listener} = gen_tcp:listen(0, [binary, {active, false},
                                             {ip, {127, 0, 0, 1}} | Opts]),
         {ok, Port} = inet:port(Listener),
         {ok, Peer} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                      [binary, {active, false} | Opts]),
         {ok, Socket} = gen_tcp:accept(Listener),
         Test(open(Socket, []), Peer)
     end end}.

open(Socket, Opts) ->
    State = #{owner => self(), socket => xmpp_socket:new(gen_tcp, Socket, [])},
    maps:get(socket, annex_wire:open(State, Opts)).

%% Greeted already.
started(Stream) ->
    Wire = annex_wire:start([]),
    ok = xmpp_socket:send(Stream, <<"<handshake/>">>),
    Wire.

until_it_waits(Pid) ->
    {_, Stack} = process_info(Pid, current_stacktrace),
    lists:any(fun({Module, Function, _, _}) ->
                      {Module, Function} == {annex_wire, settle}
              end, Stack) orelse until_it_waits(Pid).

heard(Peer, Text) ->
    {ok, Data} = gen_tcp:recv(Peer, byte_size(Text), 5000),
    ?assertEqual(Text, Data).

hello_is_between_the_handshake_and_what_others_write_test_() ->
    connected(fun(Stream, Peer) ->
        ok = xmpp_socket:send(Stream, <<"<stream>">>),
        Wire = annex_wire:start([<<"<hello/>">>]),
        annex_wire:write(Wire, [<<"<check">>, "/>"]),
        Wire = annex_wire:start([<<"<hello2/>">>]),
        ok = xmpp_socket:send(Stream, <<"<handshake/>">>),
        ok = xmpp_socket:send(Stream, <<"<result/>">>),
        heard(Peer, <<"<stream><handshake/><hello/><hello2/><check/>"
                      "<result/>">>)
    end).

one_that_is_nobody_s_of_ours_writes_by_itself_test_() ->
    connected(fun(Stream, Peer) ->
        ok = xmpp_socket:send(Stream, <<"<stream>">>),
        heard(Peer, <<"<stream>">>),
        xmpp_socket:close(Stream),
        ?assertEqual({error, closed}, gen_tcp:recv(Peer, 0, 5000))
    end).

all_is_written_in_order_test_() ->
    connected(fun(Stream, Peer) ->
        Wire = started(Stream),
        heard(Peer, <<"<handshake/>">>),
        Texts = [<<Number:32, 0:8000>> || Number <- lists:seq(1, 2000)],
        spawn_link(fun() ->
            [annex_wire:write(Wire, Text) || Text <- Texts]
        end),
        [heard(Peer, Text) || Text <- Texts]
    end).

what_was_written_before_has_gone_when_it_is_settled_or_closed_test_() ->
    connected(fun(Stream, Peer) ->
        Wire = started(Stream),
        annex_wire:write(Wire, <<"<one/>">>),
        ok = annex_wire:settle(Wire, 5000),
        ?assertEqual({ok, <<"<handshake/><one/>">>}, gen_tcp:recv(Peer, 0, 0)),
        annex_wire:write(Wire, <<"<two/>">>),
        ok = xmpp_socket:send_trailer(Stream),
        xmpp_socket:close(Stream),
        heard(Peer, <<"<two/></stream:stream>">>),
        ?assertEqual({error, closed}, gen_tcp:recv(Peer, 0, 5000))
    end).

the_stream_s_process_waits_for_who_does_not_read_test_() ->
    connected(fun(Stream, Peer) ->
        started(Stream),
        heard(Peer, <<"<handshake/>">>),
        Self = self(),
        spawn_link(fun() ->
            until_it_waits(Self),
            {ok, _} = gen_tcp:recv(Peer, 32000000, 5000),
            Self ! read
        end),
        %% More than is on the way at most.
        [ok = xmpp_socket:send(Stream, binary:copy(<<0>>, 32000))
         || _ <- lists:seq(1, 1000)],
        receive read -> ok end
    end).

who_leaves_too_much_unread_is_cut_off_test_() ->
    connected(fun(Stream, Peer) ->
        Wire = started(Stream),
        Text = binary:copy(<<0>>, 1000000),
        [annex_wire:write(Wire, Text) || _ <- lists:seq(1, 100)],
        spawn(fun() -> gen_tcp:recv(Peer, 20000000) end),
        receive Message -> ?assertEqual({'$gen_event', closed}, Message) end
    end).

it_counts_what_came_while_a_write_was_blocked_test_() ->
    connected(fun(Stream, Peer) ->
        Wire = started(Stream),
        Text = binary:copy(<<0>>, 1000),
        [annex_wire:write(Wire, Text) || _ <- lists:seq(1, 100000)],
        spawn(fun() -> gen_tcp:recv(Peer, 200000) end),
        receive Message -> ?assertEqual({'$gen_event', closed}, Message) end
    end, [{sndbuf, 16384}, {recbuf, 16384}]).

the_stream_hears_when_nothing_can_be_written_test_() ->
    connected(fun(Stream, Peer) ->
        Wire = started(Stream),
        heard(Peer, <<"<handshake/>">>),
        gen_tcp:close(Peer),
        annex_wire:write(Wire, <<"<one/>">>),
        _ = annex_wire:settle(Wire, 5000),
        annex_wire:write(Wire, <<"<two/>">>),
        receive Message -> ?assertEqual({'$gen_event', closed}, Message) end,
        ?assertEqual({error, closed}, annex_wire:settle(Wire, 5000))
    end).

it_ends_with_the_stream_test_() ->
    connected(fun(_Stream, Peer) ->
        Self = self(),
        {Pid, Monitor} = spawn_monitor(fun() ->
            {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
            {ok, Port} = inet:port(Listener),
            {ok, _} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]),
            {ok, Socket} = gen_tcp:accept(Listener),
            Self ! {wire, started(open(Socket, []))}
        end),
        Wire = receive {wire, Started} -> Started end,
        receive {'DOWN', Monitor, process, Pid, normal} -> ok end,
        Ended = monitor(process, Wire),
        receive {'DOWN', Ended, process, Wire, _} -> ok end,
        gen_tcp:close(Peer)
    end).

tls_writes_by_itself_test_() ->
    connected(fun(_Stream, Peer) ->
        erase(annex_wire),
        State = #{owner => self(),
                  socket => xmpp_socket:new(gen_tcp, Peer, [])},
        ?assertEqual(State, annex_wire:open(State, [{tls, true}])),
        ?assertEqual(none, annex_wire:start([]))
    end).
