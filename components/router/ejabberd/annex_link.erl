%% The components' streams: which process has which, and hello.
-module(annex_link).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0, attach/1, greet/2]).
-export([find/1, stream/1, own/1, write/2, send/2, tell/3, settle/0]).
-export([stream_opened/2, connected/1, disconnected/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("ejabberd_router.hrl").
-include("annex.hrl").

%% For one that cannot write.
-define(SETTLE_MS, 2000).

%% {Component, Stream, the largest stanza it may send}.  A stream is its
%% process, and the one that writes for it, or none.
create() ->
    ets:new(?MODULE, [named_table, public, {read_concurrency, true}]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

hooks() ->
    [{component_init, stream_opened, 50},
     {component_connected, connected, 50},
     {component_disconnected, disconnected, 50}].

find(Component) ->
    case stream(Component) of
        {Pid, _} -> Pid;
        undefined -> undefined
    end.

stream(Component) ->
    case ets:lookup(?MODULE, Component) of
        [{_, Stream, _}] -> Stream;
        [] -> undefined
    end.

%% The stream whose process this is.
own(Component) ->
    case stream(Component) of
        {Pid, _} = Stream when Pid == self() -> Stream;
        _ -> {self(), none}
    end.

%% A stanza that is printed already.
write({Pid, none}, Text) ->
    El = fxml_stream:parse_element(iolist_to_binary(Text)),
    Pid ! {route, xmpp:decode(El, ?NS_CLIENT, [ignore_els])},
    ok;
write({_, Wire}, Text) ->
    annex_wire:write(Wire, Text).

%% An answer goes the same way: what is asked later must not overtake it.
send({Pid, none}, Stanza) ->
    Pid ! {route, Stanza},
    ok;
send({_, Wire}, Stanza) ->
    El = xmpp:encode(Stanza, ?NS_COMPONENT),
    annex_wire:write(Wire, fxml:element_to_binary(El)).

%% A message of the protocol, from the host.
tell(Host, Component, El) ->
    case stream(Component) of
        undefined -> down;
        Stream -> write(Stream, annex_text:message(Host, Component, El))
    end.

%% When this returns the streams have written what they were given before: what
%% they have not when ejabberd ends them is lost.
settle() ->
    lists:foreach(fun settle/1,
                  [Stream || {_, Stream, _} <- ets:tab2list(?MODULE)]).

settle({Pid, Wire}) ->
    catch sys:get_state(Pid, ?SETTLE_MS),
    Wire == none orelse annex_wire:settle(Wire, ?SETTLE_MS).

%% Says hello to the host's components that are here.  A stream that is older
%% than this module is closed: nothing is known of it, and it comes back.
attach(Host) ->
    lists:foreach(
      fun(Component) ->
              case find(Component) of
                  undefined -> close_unknown(Component);
                  _ -> greet(Host, Component)
              end
      end, annex_host:components(Host)).

greet(Host, Component) ->
    case ets:lookup(?MODULE, Component) of
        [{_, Stream, Bytes}] ->
            write(Stream, hello(Host, Component, Bytes)),
            greeted(Host, Component, Stream);
        [] ->
            ok
    end.

greeted(Host, Component, Stream) ->
    gen_server:cast(?MODULE, {greeted, Host, Component, Stream}).

close_unknown(Component) ->
    Streams = [Pid || {_, Pid, _, _}
                          <- supervisor:which_children(ejabberd_service_sup)],
    Backend = ejabberd_router:get_backend(),
    {ok, Routes} = Backend:find_routes(Component),
    [ejabberd_service:close(Pid) || #route{pid = Pid} <- Routes,
                                    lists:member(Pid, Streams)],
    ok.

%% A listener with several names gives each stream all of them, whichever
%% secret it knew, unless told not to.  Not so the streams of ours.
stream_opened({ok, #{host_opts := Names} = State}, Opts) ->
    put(?MODULE, proplists:get_value(max_stanza_size, Opts, infinity)),
    Open = with_wire(State, Opts),
    case lists:any(fun is_ours/1, maps:keys(Names)) of
        true -> {ok, Open#{global_routes => false}};
        false -> {ok, Open}
    end;
stream_opened(Other, _Opts) ->
    Other.

%% Where not all may be sent to the component, its stream looks at each.
with_wire(#{access := all} = State, Opts) -> annex_wire:open(State, Opts);
with_wire(State, _Opts) -> State.

is_ours(global) -> false;
is_ours(Component) -> annex_host:hosts_of(Component) /= [].

%% Runs in the stream's process, before the component knows that it is in, and
%% says hello before others find the stream: so it comes before anything else.
connected(Component) ->
    Hosts = annex_host:hosts_of(Component),
    Bytes = get(?MODULE),
    Stream = begin_with([hello(Host, Component, Bytes) || Host <- Hosts]),
    ets:insert(?MODULE, {Component, Stream, Bytes}),
    gen_server:cast(?MODULE, {connected, Component, self()}),
    lists:foreach(fun(Host) -> greeted(Host, Component, Stream) end, Hosts).

begin_with([]) ->
    {self(), none};
begin_with(Hellos) ->
    Stream = {self(), annex_wire:start(Hellos)},
    Stream == {self(), none} andalso
        [write(Stream, Hello) || Hello <- Hellos],
    Stream.

disconnected(Component, _Reason) ->
    gen_server:cast(?MODULE, {disconnected, Component, self()}).

hello(Host, Component, Bytes) ->
    Options = annex_host:component(Host, Component),
    #{hooks := Hooks, window := Window, window_bytes := WindowBytes,
      credit := Credit} = Options,
    Attrs = [{<<"version">>, 4},
             {<<"epoch">>, annex_ask:epoch()},
             {<<"router">>, router()},
             {<<"hooks">>, blanks([H || H <- ?HOOKS, maps:is_key(H, Hooks)])},
             {<<"fail">>, annex_option:fail_mode(Options)},
             {<<"window">>, Window},
             {<<"window-bytes">>, WindowBytes},
             {<<"credit">>, Credit},
             {<<"stanza-bytes">>, limit(Bytes)}],
    annex_text:message(Host, Component,
                       annex_xml:element(<<"hello">>, Attrs)).

router() ->
    iolist_to_binary(["ejabberd ", ejabberd_option:version()]).

blanks(Hooks) ->
    iolist_to_binary(lists:join(" ", [atom_to_list(Hook) || Hook <- Hooks])).

limit(Bytes) when is_integer(Bytes) -> Bytes;
limit(_) -> undefined.

%% The process: notices who is gone, however that came.

init([]) ->
    {ok, #{}}.

handle_call(_Request, _From, State) ->
    {reply, ok, State}.

handle_cast({connected, Component, Pid}, State) ->
    {noreply, State#{Pid => {Component, erlang:monitor(process, Pid)}}};
handle_cast({greeted, Host, Component, Stream}, State) ->
    annex_tap:greeted(Host, Component, Stream),
    annex_store:greeted(Host, Component),
    annex_presence:greeted(Host, Component),
    {noreply, State};
handle_cast({disconnected, Component, Pid}, State) ->
    {noreply, forget(Component, Pid, State)}.

handle_info({'DOWN', _, process, Pid, _}, State) ->
    case State of
        #{Pid := {Component, _}} -> {noreply, forget(Component, Pid, State)};
        _ -> {noreply, State}
    end.

forget(Component, Pid, State) ->
    ets:match_delete(?MODULE, {Component, {Pid, '_'}, '_'}),
    annex_ask:fail(Pid),
    annex_delegate:gone(Component, Pid),
    case maps:take(Pid, State) of
        {{_, Monitor}, Rest} ->
            erlang:demonitor(Monitor, [flush]),
            Rest;
        error ->
            State
    end.
