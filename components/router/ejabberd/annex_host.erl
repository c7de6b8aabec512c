%% What each host's configuration says, for whoever comes by.
-module(annex_host).

-export([set/2, unset/1, all/0, hosts_of/1]).
-export([components/1, component/2, with/2, has/3, may/4, option/3]).

-define(HOSTS, annex_hosts).

%% Read with every message, and changed by nobody but an operator.
set(Host, Config) ->
    persistent_term:put(?HOSTS, maps:put(Host, Config, all())).

unset(Host) ->
    persistent_term:put(?HOSTS, maps:remove(Host, all())).

all() ->
    persistent_term:get(?HOSTS, #{}).

%% The hosts whose shim knows that component.
hosts_of(Component) ->
    [Host || {Host, #{components := #{Component := _}}} <- maps:to_list(all())].

components(Host) ->
    case all() of
        #{Host := #{components := Components}} -> maps:keys(Components);
        _ -> []
    end.

component(Host, Component) ->
    case all() of
        #{Host := #{components := #{Component := Options}}} -> Options;
        _ -> undefined
    end.

%% The components that have a hook there.
with(Hook, Host) ->
    case all() of
        #{Host := #{hooks := #{Hook := Components}}} -> Components;
        _ -> []
    end.

has(Hook, Host, Component) ->
    lists:member(Component, with(Hook, Host)).

%% Whether that is listed with the component's hook.
may(Hook, What, Host, Component) ->
    #{hooks := #{Hook := Listed}} = component(Host, Component),
    lists:member(What, Listed).

option(Name, Host, Component) ->
    maps:get(Name, component(Host, Component)).
