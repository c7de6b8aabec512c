%% What components are to remove: messages that the router has as well, and
%% that count as handed over until then.  Of each component of a host, beyond a
%% number of them the oldest goes.
-module(annex_withdrawn).

-export([create/0, configure/1, add/4, remove/4, list/2]).

-include("logger.hrl").

-define(MOST, 10000).
-define(ORDER, annex_withdrawn_order).
-define(COUNT, annex_withdrawn_count).

%% By id, {{Host, Component, Account, Id}, a number that grows}; by that,
%% {{Host, Component, Number}, Account, Id}; and {{Host, Component}, how many,
%% how many had to go}.
create() ->
    ets:new(?MODULE, [named_table, public]),
    ets:new(?ORDER, [named_table, public, ordered_set]),
    ets:new(?COUNT, [named_table, public]).

%% A component without deliver will not forget any: they are taken for handed
%% over for a day more.  One that is gone is told of none.
configure(Host) ->
    [let_go(Host, Component)
     || [Component] <- ets:match(?COUNT, {{Host, '$1'}, '_', '_'}),
        not annex_host:has(deliver, Host, Component)],
    ok.

let_go(Host, Component) ->
    IsGone = annex_host:component(Host, Component) == undefined,
    lists:foreach(fun({Account, Id}) ->
                          User = jid:make(Account),
                          annex_deliver:remember(User, Id),
                          IsGone andalso remove(Host, Component, User, Id)
                  end, list(Host, Component)).

add(Host, Component, User, Id) ->
    remember(annex_host:has(deliver, Host, Component), User, Id),
    Number = erlang:unique_integer([positive, monotonic]),
    Account = account(User),
    ets:insert(?ORDER, {{Host, Component, Number}, Account, Id}),
    case ets:insert_new(?MODULE, {{Host, Component, Account, Id}, Number}) of
        true -> grown(count(1, Host, Component), Host, Component);
        false -> ets:delete(?ORDER, {Host, Component, Number})
    end,
    ok.

remember(true, User, Id) -> annex_deliver:remember(User, Id, for_good);
remember(false, User, Id) -> annex_deliver:remember(User, Id).

account(User) ->
    jid:remove_resource(jid:tolower(User)).

count(Change, Host, Component) ->
    ets:update_counter(?COUNT, {Host, Component}, [{2, Change}, {3, 0}],
                       {{Host, Component}, 0, 0}).

grown([Count, _], Host, Component) when Count > ?MOST ->
    give_up_oldest(Host, Component),
    say_gone(ets:update_counter(?COUNT, {Host, Component}, {3, 1}), Component);
grown(_, _Host, _Component) ->
    ok.

%% Others may remove it meanwhile: then the next is the oldest.
give_up_oldest(Host, Component) ->
    case ets:next(?ORDER, {Host, Component, 0}) of
        {Host, Component, _} = First ->
            lists:any(fun({_, Account, Id}) ->
                              give_up(Host, Component, Account, Id)
                      end, ets:take(?ORDER, First))
                orelse give_up_oldest(Host, Component);
        _ ->
            false
    end.

%% It is still taken for handed over, for a day.
give_up(Host, Component, Account, Id) ->
    User = jid:make(Account),
    remove(Host, Component, User, Id)
        andalso annex_deliver:remember(User, Id).

%% Returns whether there was one.
remove(Host, Component, User, Id) ->
    case ets:take(?MODULE, {Host, Component, account(User), Id}) of
        [{_, Number}] ->
            ets:delete(?ORDER, {Host, Component, Number}),
            shrunk(count(-1, Host, Component), Host, Component),
            true;
        [] ->
            false
    end.

shrunk([Count, Gone], Host, Component) when Gone > 0, Count =< ?MOST div 2 ->
    ets:update_element(?COUNT, {Host, Component}, {3, 0}),
    ?WARNING_MSG("~ts was told no more of ~B messages that it was to remove",
                 [Component, Gone]);
shrunk(_, _Host, _Component) ->
    ok.

%% Said once, until half of them are forgotten.
say_gone(1, Component) ->
    ?WARNING_MSG("~ts has not forgotten ~B messages, and is told no more of "
                 "the oldest", [Component, ?MOST]);
say_gone(_, _) ->
    ok.

%% All of them, as {{Name, Server, <<>>}, Id}, oldest first.
list(Host, Component) ->
    ets:select(?ORDER, [{{{Host, Component, '_'}, '$1', '$2'}, [],
                         [{{'$1', '$2'}}]}]).
