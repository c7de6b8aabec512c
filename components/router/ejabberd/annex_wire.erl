%% What is written to a component's stream, by a process of its own: several
%% stanzas at once when they come quickly, and printed already, past the
%% stream's process.
%%
%% The stream has another socket then, of the kind that modules may bring to
%% ejabberd: what its own process writes goes the same way, so that all stays in
%% order.  Reading is left to that process.
-module(annex_wire).
-behaviour(xmpp_socket).

-export([open/2, start/1, write/2, settle/2]).
-export([loop/1]).
-export([send/2, send_xml/2, get_owner/1, get_transport/1, change_shaper/2,
         controlling_process/2, close/1, sockname/1, peername/1, setopts/2]).

-include("logger.hrl").

%% The listener's send_timeout is meant for a write of about one stanza.
-define(WRITE_BYTES, 16384).
%% Who leaves so much unread is cut off.
-define(MOST_BYTES, 67108864).
%% What the stream's process may write before it waits for that to be gone.
-define(AHEAD_BYTES, 65536).
%% For what is left when the stream ends.
-define(CLOSE_MSECS, 2000).

%% queue has {Data, Size}, and {flush, From} of those who wait until what is
%% before is written.
-record(wire, {stream, socket, queue = queue:new(), bytes = 0}).

%% In the stream's process, before it has read anything.  TLS writes by itself
%% when it reads, and so must be left to one process.
open(#{socket := Socket} = State, Opts) ->
    case xmpp_socket:get_transport(Socket) == tcp
        andalso not proplists:get_bool(tls, Opts) of
        true ->
            put(?MODULE, {direct, Socket}),
            Own = xmpp_socket:new(?MODULE, Socket, Opts),
            xmpp_stream_in:change_shaper(State#{socket => Own}, shaper(Opts));
        false ->
            State
    end.

shaper(Opts) ->
    ejabberd_shaper:new(
      proplists:get_value(shaper, Opts,
                          proplists:get_value(shaper_rule, Opts, none))).

%% In the stream's process, when it has checked the handshake.  It writes the
%% answer to that next: after it comes Hello, and then what others write.
%% Returns the process, or none.
start(Hello) ->
    case get(?MODULE) of
        {direct, Socket} ->
            Wire = #wire{stream = self(), socket = Socket},
            Pid = spawn_link(fun() -> init(Hello, Wire) end),
            put(?MODULE, {Pid, 0}),
            Pid;
        {Pid, _} ->
            Pid ! {hello, Hello},
            Pid;
        undefined ->
            none
    end.

write(Pid, Data) ->
    Pid ! {write, Data},
    ok.

%% When this returns what was written before has gone.
settle(Pid, Msecs) ->
    try
        gen_server:call(Pid, flush, Msecs)
    catch
        exit:_ -> {error, closed}
    end.

%% The process

init(Hello, #wire{stream = Stream} = Wire) ->
    erlang:monitor(process, Stream),
    greet(Hello, Wire).

greet(Hello, Wire) ->
    receive
        {stream, Data} ->
            gather(take({stream, [Data | Hello]}, Wire));
        {hello, More} ->
            greet(Hello ++ More, Wire);
        {'$gen_call', From, flush} ->
            gen_server:reply(From, ok),
            greet(Hello, Wire);
        {'DOWN', _, process, _, _} ->
            ended
    end.

loop(Wire) ->
    receive Message -> gather(take(Message, Wire)) end.

%% All that is there now, so that it is known how much it is; what comes
%% meanwhile waits until something is written.
gather(Wire) ->
    {_, Count} = process_info(self(), message_queue_len),
    gather(Count, Wire).

gather(_Count, ended) ->
    ok;
gather(0, Wire) ->
    flush(Wire);
gather(Count, Wire) ->
    receive Message -> gather(Count - 1, take(Message, Wire)) end.

take({Kind, Data}, #wire{queue = Queue, bytes = Bytes} = Wire)
  when Kind == write; Kind == stream ->
    Size = iolist_size(Data),
    Wire#wire{queue = queue:in({Data, Size}, Queue), bytes = Bytes + Size};
take({'$gen_call', From, flush}, #wire{queue = Queue} = Wire) ->
    Wire#wire{queue = queue:in({flush, From}, Queue)};
take({hello, Data}, Wire) ->
    take({write, Data}, Wire);
take({'DOWN', _, process, _, _}, _Wire) ->
    ended;
take(_Message, Wire) ->
    Wire.

flush(#wire{bytes = Bytes} = Wire) when Bytes > ?MOST_BYTES ->
    ?WARNING_MSG("(~ts) The component does not read what it is sent",
                 [xmpp_socket:pp(Wire#wire.socket)]),
    give_up(Wire);
flush(#wire{queue = Queue, bytes = Bytes, socket = Socket} = Wire) ->
    case next(Queue, [], 0) of
        {[], 0, Empty} ->
            ?MODULE:loop(Wire#wire{queue = Empty});
        {Data, Size, Others} ->
            case xmpp_socket:send(Socket, iolist_to_binary(Data)) of
                ok -> gather(Wire#wire{queue = Others, bytes = Bytes - Size});
                {error, _} -> give_up(Wire)
            end
    end.

%% As ejabberd does when it cannot write.
give_up(#wire{stream = Stream}) ->
    Stream ! {'$gen_event', closed},
    ok.

%% About as much as is written at once.
next(Queue, Data, Size) when Size >= ?WRITE_BYTES ->
    {Data, Size, Queue};
next(Queue, Data, Size) ->
    case queue:peek(Queue) of
        {value, {flush, From}} when Size == 0 ->
            gen_server:reply(From, ok),
            next(queue:drop(Queue), Data, Size);
        {value, {More, Length}} when is_integer(Length) ->
            next(queue:drop(Queue), [Data, More], Size + Length);
        _ ->
            {Data, Size, Queue}
    end.

%% The socket, in the stream's process

send(Socket, Data) ->
    case get(?MODULE) of
        {Pid, Ahead} when is_pid(Pid) ->
            Pid ! {stream, Data},
            ahead(Pid, Ahead + iolist_size(Data));
        _ ->
            xmpp_socket:send(Socket, Data)
    end.

%% Who does not read is not read from.
ahead(Pid, Bytes) when Bytes < ?AHEAD_BYTES ->
    put(?MODULE, {Pid, Bytes}),
    ok;
ahead(Pid, _Bytes) ->
    put(?MODULE, {Pid, 0}),
    settle(Pid, infinity).

send_xml(_Socket, _Element) ->
    {error, enotsup}.

get_owner(_Socket) -> self().

get_transport(Socket) -> xmpp_socket:get_transport(Socket).

change_shaper(_Socket, _Shaper) -> ok.

controlling_process(Socket, Pid) ->
    xmpp_socket:controlling_process(Socket, Pid).

close(Socket) ->
    case get(?MODULE) of
        {Pid, _} when is_pid(Pid) -> settle(Pid, ?CLOSE_MSECS);
        _ -> ok
    end,
    xmpp_socket:close(Socket).

sockname(Socket) -> xmpp_socket:sockname(Socket).

peername(Socket) -> xmpp_socket:peername(Socket).

setopts(Socket, [{active, once}]) -> xmpp_socket:activate(Socket).
