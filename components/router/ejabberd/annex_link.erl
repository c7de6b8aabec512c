%% The components' streams: which process has which, and hello.
-module(annex_link).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0, attach/1, greet/2]).
-export([find/1, send/2, tell/3, settle/0]).
-export([stream_opened/2, connected/1, disconnected/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("ejabberd_router.hrl").
-include("annex.hrl").

%% For one that cannot write.
-define(SETTLE_MS, 2000).

%% {Component, Pid, the largest stanza it may send}
create() ->
    ets:new(?MODULE, [named_table, public, {read_concurrency, true}]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

hooks() ->
    [{component_init, stream_opened, 50},
     {component_connected, connected, 50},
     {component_disconnected, disconnected, 50}].

find(Component) ->
    case ets:lookup(?MODULE, Component) of
        [{_, Pid, _}] -> Pid;
        [] -> undefined
    end.

send(Component, Stanza) ->
    case find(Component) of
        undefined ->
            down;
        Pid ->
            Pid ! {route, Stanza},
            ok
    end.

%% A message of the protocol, from the host.
tell(Host, Component, El) ->
    send(Component, message(Host, Component, El)).

message(Host, Component, El) ->
    #message{from = jid:make(Host), to = jid:make(Component), sub_els = [El]}.

%% When this returns the streams have written what they were given before: what
%% they have not when ejabberd ends them is lost.
settle() ->
    lists:foreach(fun(Pid) -> catch sys:get_state(Pid, ?SETTLE_MS) end,
                  [Pid || {_, Pid, _} <- ets:tab2list(?MODULE)]).

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
        [{_, Pid, Bytes}] ->
            say_hello(Host, Component, Pid, Bytes),
            greeted(Host, Component, Pid);
        [] ->
            ok
    end.

say_hello(Host, Component, Pid, Bytes) ->
    Pid ! {route, hello(Host, Component, Bytes)}.

greeted(Host, Component, Pid) ->
    gen_server:cast(?MODULE, {greeted, Host, Component, Pid}).

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
    case lists:any(fun is_ours/1, maps:keys(Names)) of
        true -> {ok, State#{global_routes => false}};
        false -> {ok, State}
    end;
stream_opened(Other, _Opts) ->
    Other.

is_ours(global) -> false;
is_ours(Component) -> annex_host:hosts_of(Component) /= [].

%% Runs in the stream's process, before the component knows that it is in, and
%% says hello before others find the stream: so it comes before anything else.
connected(Component) ->
    Hosts = annex_host:hosts_of(Component),
    Bytes = get(?MODULE),
    [say_hello(Host, Component, self(), Bytes) || Host <- Hosts],
    ets:insert(?MODULE, {Component, self(), Bytes}),
    gen_server:cast(?MODULE, {connected, Component, self()}),
    lists:foreach(fun(Host) -> greeted(Host, Component, self()) end, Hosts).

disconnected(Component, _Reason) ->
    gen_server:cast(?MODULE, {disconnected, Component, self()}).

hello(Host, Component, Bytes) ->
    Options = annex_host:component(Host, Component),
    #{hooks := Hooks, window := Window, window_bytes := WindowBytes,
      credit := Credit} = Options,
    Attrs = [{<<"version">>, 1},
             {<<"epoch">>, annex_ask:epoch()},
             {<<"router">>, router()},
             {<<"hooks">>, blanks([H || H <- ?HOOKS, maps:is_key(H, Hooks)])},
             {<<"fail">>, annex_option:fail_mode(Options)},
             {<<"window">>, Window},
             {<<"window-bytes">>, WindowBytes},
             {<<"credit">>, Credit},
             {<<"stanza-bytes">>, limit(Bytes)}],
    message(Host, Component, annex_xml:element(<<"hello">>, Attrs)).

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
handle_cast({greeted, Host, Component, Pid}, State) ->
    annex_tap:greeted(Host, Component, Pid),
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
    ets:match_delete(?MODULE, {Component, Pid, '_'}),
    annex_ask:fail(Pid),
    annex_delegate:gone(Component, Pid),
    case maps:take(Pid, State) of
        {{_, Monitor}, Rest} ->
            erlang:demonitor(Monitor, [flush]),
            Rest;
        error ->
            State
    end.
