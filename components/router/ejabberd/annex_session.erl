%% The processes of this node's sessions, by address.  fanout asks for hundreds
%% in a row, and ejabberd's own table answers slowly.
-module(annex_session).

-export([create/0, hooks/0, learn/1, find/1]).
-export([opened/3, closed/3]).

-include("xmpp.hrl").
-include("ejabberd_sm.hrl").

%% {Address as jid:tolower/1 has it, Pid}
create() ->
    ets:new(?MODULE, [named_table, public, {read_concurrency, true},
                      {write_concurrency, true}]).

hooks() ->
    [{sm_register_connection_hook, opened, 50},
     {sm_remove_connection_hook, closed, 50}].

%% Those that were there before we were told of each.
learn(Host) ->
    ets:match_delete(?MODULE, {{'_', Host, '_'}, '_'}),
    [ets:insert_new(?MODULE, {Address, Pid})
     || #session{usr = {_, Server, _} = Address, sid = {_, Pid}}
            <- ejabberd_sm:dirty_get_my_sessions_list(), Server == Host],
    ok.

find(Address) ->
    case ets:lookup(?MODULE, Address) of
        [{_, Pid}] ->
            case is_process_alive(Pid) of
                true -> Pid;
                false -> undefined
            end;
        [] ->
            undefined
    end.

opened({_, Pid}, JID, _Info) ->
    ets:insert(?MODULE, {jid:tolower(JID), Pid}).

%% Another session may have taken its place.
closed({_, Pid}, JID, _Info) ->
    ets:delete_object(?MODULE, {jid:tolower(JID), Pid}).
