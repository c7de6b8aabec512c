%% Names of processes that are more than an atom, for {via, annex_names, Name}.
-module(annex_names).

-export([create/0, register_name/2, unregister_name/1, whereis_name/1, send/2]).

create() ->
    ets:new(?MODULE, [named_table, public, {read_concurrency, true}]).

register_name(Name, Pid) ->
    case whereis_name(Name) of
        undefined ->
            ets:insert(?MODULE, {Name, Pid}),
            yes;
        _ ->
            no
    end.

unregister_name(Name) ->
    ets:delete(?MODULE, Name).

whereis_name(Name) ->
    case ets:lookup(?MODULE, Name) of
        [{_, Pid}] ->
            case is_process_alive(Pid) of
                true -> Pid;
                false -> undefined
            end;
        [] ->
            undefined
    end.

send(Name, Message) ->
    case whereis_name(Name) of
        undefined -> exit({badarg, {Name, Message}});
        Pid -> Pid ! Message, Pid
    end.
