%% What a session sends while it takes several things is written at once.
%%
%% The session has another socket then, of the kind that modules may bring to
%% ejabberd: it gathers, in the process's dictionary.
-module(annex_cork).
-behaviour(xmpp_socket).

-export([fold/3]).
-export([send_xml/2, get_owner/1, get_transport/1, change_shaper/2,
         controlling_process/2, close/1, sockname/1, peername/1, setopts/2,
         get_peer_certificate/2]).

-include("logger.hrl").
-include("xmpp.hrl").

%% The listener's send_timeout is meant for a write of about one stanza: who
%% takes longer than that for all of them is slow, not gone.
-define(WRITE_BYTES, 16384).

%% Fun takes each item and the session's state, and returns the next.  Of one
%% that fails nothing is written and the state is that before it, so that both
%% have the same stanzas (XEP-0198).
fold(Fun, Items, #{socket := Socket, stream_state := established} = State) ->
    case lists:member(xmpp_socket:get_transport(Socket),
                      [tcp, tls, tcp_zlib, tls_zlib]) of
        true ->
            put(?MODULE, []),
            Cork = xmpp_socket:new(?MODULE, Socket, []),
            uncork(Socket, guard(Fun, Items, Socket, State#{socket => Cork}));
        false ->
            take_all(Fun, Items, State)
    end;
fold(Fun, Items, State) ->
    take_all(Fun, Items, State).

%% With exit:normal a session ends, as hooks let it.
guard(Fun, Items, Socket, State) ->
    try
        take_all(Fun, Items, State)
    catch
        exit:normal ->
            uncork(Socket, State),
            exit(normal)
    end.

take_all(Fun, Items, State) ->
    lists:foldl(fun(Item, Current) -> take(Fun, Item, Current) end, State,
                Items).

take(Fun, Item, State) ->
    Gathered = get(?MODULE),
    try
        Fun(Item, State)
    catch
        Class:Reason:Stack when Class /= exit; Reason /= normal ->
            ?ERROR_MSG("A stanza was lost:~n** ~ts",
                       [misc:format_exception(2, Class, Reason, Stack)]),
            Gathered == undefined orelse put(?MODULE, Gathered),
            State
    end.

uncork(Socket, State) ->
    case flush(Socket) of
        ok -> ok;
        %% As ejabberd does when it cannot write.
        {error, _} -> self() ! {'$gen_event', closed}
    end,
    erase(?MODULE),
    case State of
        #{socket := _} -> State#{socket => Socket};
        _ -> State
    end.

flush(Socket) ->
    write(Socket, lists:foldl(fun join/2, [], put(?MODULE, []))).

%% From the last to the first, each whole.
join(Data, [{Size, Joined} | Pieces])
  when Size + byte_size(Data) =< ?WRITE_BYTES ->
    [{Size + byte_size(Data), [Data | Joined]} | Pieces];
join(Data, Pieces) ->
    [{byte_size(Data), [Data]} | Pieces].

write(_Socket, []) ->
    ok;
write(Socket, [{_, Piece} | Pieces]) ->
    case send(Socket, iolist_to_binary(Piece)) of
        ok -> write(Socket, Pieces);
        {error, _} = Error -> Error
    end.

%% Some kinds of sockets fail when they are closed.
send(Socket, Data) ->
    try
        xmpp_socket:send(Socket, Data)
    catch
        _:_ -> {error, closed}
    end.

gather(Data) ->
    put(?MODULE, [Data | get(?MODULE)]),
    ok.

%% The socket

send_xml(_Socket, {xmlstreamelement, El}) ->
    gather(fxml:element_to_binary(El));
send_xml(_Socket, {xmlstreamend, _Name}) ->
    gather(<<"</stream:stream>">>);
send_xml(_Socket, {xmlstreamraw, Data}) ->
    gather(iolist_to_binary(Data)).

%% Nothing is parsed here: it is only for one's own socket.
get_owner(_Socket) -> group_leader().

get_transport(Socket) -> xmpp_socket:get_transport(Socket).

change_shaper(_Socket, _Shaper) -> ok.

controlling_process(_Socket, _Pid) -> ok.

close(Socket) ->
    flush(Socket),
    xmpp_socket:close(Socket).

sockname(Socket) -> xmpp_socket:sockname(Socket).

peername(Socket) -> xmpp_socket:peername(Socket).

setopts(_Socket, _Options) -> ok.

get_peer_certificate(Socket, Type) ->
    xmpp_socket:get_peer_certificate(Socket, Type).
