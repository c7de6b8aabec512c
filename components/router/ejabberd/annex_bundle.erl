%% Several stanzas for one session of this node, as one message to its process.
%%
%% The first carries the others.  The session takes each as if it had come by
%% itself, but writes what it sends of them at once.
-module(annex_bundle).

-export([hooks/0, is_ready/1, send/3, settle/1]).
-export([came/2, routed/1]).

-include("xmpp.hrl").
-include("ejabberd_sm.hrl").

%% For a session that cannot write.
-define(SETTLE_MS, 2000).

%% Those that have no use for stanzas that come for a session.
-define(BLIND, [annex_check, annex_deliver, annex_overlay, annex_presence,
                ejabberd_sm, mod_offline, mod_pubsub, mod_push_keepalive,
                mod_stream_mgmt]).

%% Both before all others.  The last says that both are there.
hooks() ->
    [{sm_receive_packet, routed, 1},
     {c2s_handle_info, came, 1}].

send(Pid, [First], To) ->
    Pid ! {route, address(First, To)};
send(Pid, [First | Others], To) ->
    Pid ! {route, xmpp:put_meta(address(First, To), ?MODULE, Others)}.

address(#message{} = Stanza, To) -> Stanza#message{to = To};
address(#presence{} = Stanza, To) -> Stanza#presence{to = To}.

%% Without the hooks nobody would find what is carried.  They stay for a while
%% when a host is without fanout, for what was sent before.
is_ready(Host) ->
    annex_host:with(fanout, Host) /= []
        andalso annex_hook:has(?MODULE, c2s_handle_info, Host).

%% When this returns the host's sessions have taken what was sent before.  What
%% answers too late is for nobody.
settle(Host) ->
    {_, Monitor} = spawn_monitor(fun() -> ask_all(Host) end),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

ask_all(Host) ->
    Ref = make_ref(),
    Asked = [begin
                 Pid ! {?MODULE, Ref, self()},
                 {Pid, erlang:monitor(process, Pid)}
             end || #session{usr = {_, Server, _}, sid = {_, Pid}}
                        <- ejabberd_sm:dirty_get_my_sessions_list(),
                    Server == Host],
    erlang:send_after(?SETTLE_MS, self(), {late, Ref}),
    await(Ref, Asked).

await(_Ref, []) ->
    ok;
await(Ref, [{Pid, Monitor} | Asked]) ->
    receive
        {?MODULE, Ref, Pid} -> await(Ref, Asked);
        {'DOWN', Monitor, _, _, _} -> await(Ref, Asked);
        {late, Ref} -> ok
    end.

%% In the session's process.
came(State, {route, #message{meta = #{?MODULE := _}} = Stanza}) ->
    {stop, take(unpack(Stanza), State)};
came(State, {route, #presence{meta = #{?MODULE := _}} = Stanza}) ->
    {stop, take(unpack(Stanza), State)};
came(State, {?MODULE, Ref, Asker}) ->
    Asker ! {?MODULE, Ref, self()},
    {stop, State};
came(State, _Info) ->
    State.

take(Stanzas, #{lserver := Host} = State) ->
    Take = case is_taken_at_once(Host) of
               true -> fun(Stanza, S) ->
                               ejabberd_c2s:process_info(S, {route, Stanza})
                       end;
               false -> fun(Stanza, S) ->
                                ejabberd_hooks:run_fold(c2s_handle_info, Host,
                                                        S, [{route, Stanza}])
                        end
           end,
    annex_cork:fold(Take, Stanzas, State).

%% Nobody but ejabberd_c2s wants to see it.
is_taken_at_once(Host) ->
    annex_hook:is_only_for([?MODULE, ejabberd_c2s | ?BLIND], c2s_handle_info,
                            Host).

unpack(Stanza) ->
    #{?MODULE := Others} = Meta = xmpp:get_meta(Stanza),
    To = xmpp:get_to(Stanza),
    [xmpp:set_meta(Stanza, maps:remove(?MODULE, Meta))
     | [address(Other, To) || Other <- Others]].

%% A session that ends gives back what it has not taken.
routed(Stanza) ->
    case xmpp:get_meta(Stanza, ?MODULE, none) of
        none ->
            Stanza;
        _ ->
            lists:foreach(fun ejabberd_sm:route/1, unpack(Stanza)),
            {stop, drop}
    end.
