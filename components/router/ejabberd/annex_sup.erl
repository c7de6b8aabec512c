%% The processes that the shim has once for all hosts, and its tables, which
%% outlive them.
-module(annex_sup).
-behaviour(supervisor).

-export([start/0, stop/0]).
-export([start_link/0, init/1]).

start() ->
    Spec = #{id => ?MODULE, start => {?MODULE, start_link, []},
             type => supervisor, shutdown => infinity},
    case supervisor:start_child(ejabberd_gen_mod_sup, Spec) of
        {ok, _} -> started;
        {error, {already_started, _}} -> running
    end.

stop() ->
    ok = supervisor:terminate_child(ejabberd_gen_mod_sup, ?MODULE),
    ok = supervisor:delete_child(ejabberd_gen_mod_sup, ?MODULE).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    annex_link:create(),
    annex_ask:create(),
    {ok, {#{strategy => one_for_one, intensity => 10, period => 1},
          [worker(annex_link, annex_link, []),
           worker(annex_ask, annex_ask, [])]}}.

worker(Id, Module, Args) ->
    #{id => Id, start => {Module, start_link, Args}}.
