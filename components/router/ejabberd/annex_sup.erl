%% The processes that the shim has once for all hosts, and its tables, which
%% outlive them.
-module(annex_sup).
-behaviour(supervisor).

-export([start/0, stop/0, start_child/1, stop_child/1]).
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

start_child(Spec) ->
    supervisor:start_child(?MODULE, Spec).

stop_child(Id) ->
    case supervisor:terminate_child(?MODULE, Id) of
        ok -> supervisor:delete_child(?MODULE, Id);
        {error, not_found} -> ok
    end.

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    [Module:create() || Module <- [annex_names, annex_link, annex_ask,
                                   annex_id, annex_check, annex_store,
                                   annex_withdrawn, annex_deliver,
                                   annex_overlay, annex_delegate, annex_act,
                                   annex_session, annex_tap]],
    Lanes = [worker({annex_lane, Number}, annex_lane, [Number])
             || Number <- annex_lane:numbers()],
    Others = [worker(Module, Module, [])
              || Module <- [annex_link, annex_ask, annex_deliver,
                            annex_overlay]],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 1},
          Lanes ++ Others}}.

worker(Id, Module, Args) ->
    #{id => Id, start => {Module, start_link, Args}}.
