%% Who has hooked into ejabberd.
-module(annex_hook).

-export([has/3, is_only_for/3]).

has(Module, Hook, Host) ->
    lists:keymember(Module, 2, handlers(Hook, Host)).

%% Whether nobody has, or none but those modules.
is_only_for(Modules, Hook, Host) ->
    lists:all(fun({_, Module, _}) -> lists:member(Module, Modules);
                 (_) -> false
              end, handlers(Hook, Host)).

handlers(Hook, Host) ->
    case ets:lookup(hooks, {Hook, Host}) of
        [] -> [];
        [{_, Handlers}] -> Handlers;
        [{_, Handlers, []}] -> Handlers;        % ejabberd 24
        _ -> [unknown]
    end.
