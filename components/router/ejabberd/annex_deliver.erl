%% deliver: messages that a component hands to a session.
%%
%% The session's process has the last word: it sends them and answers.  The
%% process here answers for one that ends before that, and forgets what was
%% handed over long ago.
-module(annex_deliver).
-behaviour(gen_server).

-export([create/0, start_link/0, hooks/0]).
-export([request/3, give_up/1, remember/2, remember/3, forget/2]).
-export([told_to_forget/2]).
-export([ordered/2, written/3, ended/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("annex.hrl").

-define(DAY_SECS, 86400).
-define(SWEEP_MSECS, 3600000).

-record(order, {ref, stream, iq, host, session, items}).

%% {{User, Id}, when it was handed over, or for_good, which is later than any}
create() ->
    ets:new(?MODULE, [named_table, public, {write_concurrency, true}]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% ended comes before mod_stream_mgmt, which answers senders or routes anew
%% what was not acknowledged.
hooks() ->
    [{c2s_handle_info, ordered, 40},
     {c2s_handle_send, written, 60},
     {c2s_terminated, ended, 45}].

request(IQ, El, {Host, Component}) ->
    Session = session(annex_xml:attr(<<"jid">>, El, <<>>), Host),
    Order = #order{ref = make_ref(), stream = annex_link:own(Component),
                   iq = IQ#iq{sub_els = []}, host = Host, session = Session,
                   items = items(El)},
    place(Order).

%% No session of the host will answer any more.
give_up(Host) ->
    gen_server:call(?MODULE, {give_up, Host}, infinity).

session(Text, Host) ->
    try jid:decode(Text) of
        #jid{luser = User, lserver = Host, lresource = Resource} = JID
          when User /= <<>>, Resource /= <<>> -> JID;
        _ -> throw({error, xmpp:err_item_not_found()})
    catch
        error:{bad_jid, _} -> throw({error, xmpp:err_item_not_found()})
    end.

items(#xmlel{children = Children}) ->
    case [item(Item) || #xmlel{name = <<"item">>} = Item <- Children] of
        [] -> throw({error, xmpp:err_bad_request()});
        Items -> Items
    end.

item(El) ->
    case annex_xml:unwrap(El) of
        {#message{} = Message, Delay} ->
            {annex_xml:attr(<<"id">>, El), Message, Delay};
        _ ->
            throw({error, xmpp:err_bad_request()})
    end.

place(#order{session = Session} = Order) ->
    #jid{luser = User, lserver = Server, lresource = Resource} = Session,
    case ejabberd_sm:get_session_pid(User, Server, Resource) of
        none ->
            {error, xmpp:err_item_not_found()};
        Pid ->
            watch(Order, Pid),
            Pid ! {?MODULE, Order},
            later
    end.

%% By the process on the node of the component's stream, which in a cluster is
%% not always that of the session.
watch(#order{ref = Ref, stream = Stream, iq = IQ}, Pid) ->
    gen_server:cast(watcher(Stream), {watch, Ref, Pid, Stream, IQ}).

watcher({Pid, _}) -> {?MODULE, node(Pid)}.

%% In the session's process

ordered(#{mgmt_state := resumed} = State, {?MODULE, Order}) ->
    pass_on(Order),
    {stop, State};
ordered(State, {?MODULE, Order}) ->
    {Fitting, Answer} = what_fits(new_ones(Order), State),
    {Result, Next, Handed} = hand_all(Fitting, Order,
                                      maps:remove(annex_unsent, State), []),
    case {maps:take(annex_unsent, Next), Result} of
        {{_, Clean}, _} ->
            ets_delete(Handed),
            answer(Order, {error, xmpp:err_item_not_found()}),
            {stop, Clean};
        {error, ok} ->
            answer(Order, Answer),
            {stop, Next};
        {error, failed} ->
            answer(Order, {error, xmpp:err_internal_server_error()}),
            {stop, Next}
    end;
ordered(State, _Info) ->
    State.

%% Those that were not handed over before.
new_ones(#order{session = Session, items = Items}) ->
    [Item || {Id, _, _} = Item <- Items,
             Id == undefined
                 orelse not ets:member(?MODULE, {bare(Session), Id})].

%% What can be handed over now, and the answer to that.  A session whose queue
%% (XEP-0198) is above its limit is ended by ejabberd, so some of it is left for
%% what else comes.
what_fits(Items, #{mgmt_state := Managed, mgmt_queue := Queue,
                   mgmt_max_queue := Most})
  when is_integer(Most), Managed == active orelse Managed == pending ->
    Usable = Most - Most div 4,
    what_fits(Items, max(0, Usable - p1_queue:len(Queue)), Usable);
what_fits(Items, _State) ->
    {Items, result}.

what_fits(Items, Room, _Usable) when length(Items) =< Room ->
    {Items, result};
what_fits(Items, _Room, Usable) when length(Items) =< Usable ->
    {[], busy()};
what_fits(Items, Room, _Usable) ->
    case lists:keymember(undefined, 1, Items) of
        true -> {[], {error, xmpp:err_not_acceptable()}};
        false -> {lists:sublist(Items, Room), busy()}
    end.

busy() ->
    {error, annex_stanza:error(wait, 'resource-constraint', <<>>)}.

%% The session goes on in another process.
pass_on(#order{session = #jid{luser = User, lserver = Server,
                              lresource = Resource}} = Order) ->
    Self = self(),
    case ejabberd_sm:get_session_pid(User, Server, Resource) of
        Pid when is_pid(Pid), Pid /= Self ->
            watch(Order, Pid),
            Pid ! {?MODULE, Order};
        _ ->
            answer(Order, {error, xmpp:err_item_not_found()})
    end.

answer(#order{ref = Ref, stream = Stream, iq = IQ}, Answer) ->
    annex_link:send(Stream, reply(IQ, Answer)),
    gen_server:cast(watcher(Stream), {done, Ref}).

reply(IQ, result) -> xmpp:make_iq_result(IQ);
reply(IQ, {error, Error}) -> xmpp:make_error(IQ, Error).

%% In order, up to one that fails: nobody has that, and nobody would answer.
%% Returns the keys of those before it.
hand_all([], _Order, State, Handed) ->
    {ok, State, Handed};
hand_all([{Id, _, _} = Item | Items], #order{session = Session} = Order,
         State, Handed) ->
    Key = {bare(Session), Id},
    try take(Key) andalso hand(Item, Order, State) of
        false -> hand_all(Items, Order, State, Handed);
        Next -> hand_all(Items, Order, Next, [Key | Handed])
    catch
        %% The session is ended by a module, and nobody knows what it wrote.
        exit:normal:Stack ->
            ets_delete([Key | Handed]),
            erlang:raise(exit, normal, Stack);
        Class:Reason:Stack ->
            ets_delete([Key]),
            ?ERROR_MSG("Message ~ts was not handed to ~ts:~n** ~ts",
                       [Id, jid:encode(Session),
                        misc:format_exception(2, Class, Reason, Stack)]),
            {failed, State, Handed}
    end.

%% Whether it was not handed over before.
take({_, undefined}) ->
    true;
take(Key) ->
    ets:insert_new(?MODULE, {Key, erlang:system_time(second)}).

hand({Id, Message, Delay}, #order{host = Host, session = Session}, State) ->
    Ready = prepare(Id, Message, Delay, Host, Session),
    Next = ejabberd_c2s:send(State, Ready),
    maps:is_key(annex_unsent, Next) orelse tap(Host, Ready),
    Next.

%% The session has it already, whatever happens.
tap(Host, Message) ->
    try
        annex_tap:shown(Host, Message)
    catch
        Class:Reason:Stack ->
            ?ERROR_MSG("A copy was lost:~n** ~ts",
                       [misc:format_exception(2, Class, Reason, Stack)])
    end.

prepare(Id, Message, Delay, Host, Session) ->
    To = xmpp:set_to(Message, Session),
    Late = annex_stanza:delay(To, Host, Delay),
    Named = case Id of
                undefined -> Late;
                _ -> annex_id:name(Id, annex_id:put(Id, Session, Late))
            end,
    xmpp:put_meta(Named, annex_handed, Host).

%% Without XEP-0198 what could not be written is lost.
written(#{mgmt_state := Managed} = State, _Packet, _Result)
  when Managed == active; Managed == pending ->
    State;
written(State, #message{meta = #{annex_handed := _}}, {error, _}) ->
    State#{annex_unsent => true};
written(State, _Packet, _Result) ->
    State.

%% What was handed over but not acknowledged is for the next session, or goes
%% back into custody; but whoever delivered it without an id has kept it.
ended(#{mgmt_state := Managed, mgmt_queue := Queue} = State, _Reason)
  when Managed == active; Managed == pending; Managed == timeout ->
    {Unseen, Others} = lists:partition(fun is_handed/1,
                                       p1_queue:to_list(Queue)),
    [again(Message) || {_, _, Message} <- Unseen,
                       annex_id:of_stanza(Message) /= undefined],
    State#{mgmt_queue => p1_queue:from_list(Others, p1_queue:type(Queue),
                                            unlimited)};
ended(State, _Reason) ->
    State.

is_handed({_, _, #message{meta = #{annex_handed := _}}}) -> true;
is_handed(_) -> false.

%% The session is still there.  It returns what comes for it once it is not,
%% and of what were for the user's sessions each would get one in between.
again(#message{to = To, meta = #{annex_handed := Host} = Meta} = Message) ->
    forget(To, annex_id:of_stanza(Message)),
    Known = maps:without([annex_handed], Meta),
    ejabberd_router:route(
      Message#message{meta = Known#{annex_checked => Host,
                                    annex_tapped => true}}).

%% What was handed over

%% Returns which these were.
told_to_forget(Host, El) ->
    try jid:decode(annex_xml:attr(<<"user">>, El, <<>>)) of
        #jid{lserver = Host} = User ->
            Ids = binary:split(annex_xml:text(El), <<"\n">>,
                               [global, trim_all]),
            [begin forget(User, Id), {User, Id} end || Id <- Ids];
        _ ->
            []
    catch
        error:{bad_jid, _} -> []
    end.

%% As if it had been handed over.
remember(User, Id) ->
    remember(User, Id, erlang:system_time(second)).

%% When is seconds, or for_good: until it is forgotten.
remember(User, Id, When) ->
    ets:insert(?MODULE, {{bare(User), Id}, When}).

forget(User, Id) ->
    ets_delete([{bare(User), Id}]).

ets_delete(Keys) ->
    lists:foreach(fun(Key) -> ets:delete(?MODULE, Key) end, Keys).

bare(#jid{luser = User, lserver = Server}) ->
    {User, Server}.

%% The process

init([]) ->
    erlang:send_after(?SWEEP_MSECS, self(), sweep),
    {ok, #{}}.

handle_call({give_up, Host}, _From, Watched) ->
    Refs = [Ref || {Ref, {_, _, #iq{to = #jid{lserver = Server}}}}
                       <- maps:to_list(Watched), Server == Host],
    {reply, ok, lists:foldl(fun fail/2, Watched, Refs)}.

fail(Ref, Watched) ->
    #{Ref := {_, Stream, IQ}} = Watched,
    annex_link:send(Stream, reply(IQ, {error, xmpp:err_item_not_found()})),
    unwatch(Ref, Watched).

handle_cast({watch, Ref, Pid, Stream, IQ}, Watched) ->
    Monitor = erlang:monitor(process, Pid),
    Clean = unwatch(Ref, Watched),
    {noreply, Clean#{Ref => {Monitor, Stream, IQ}, Monitor => Ref}};
handle_cast({done, Ref}, Watched) ->
    {noreply, unwatch(Ref, Watched)}.

handle_info({'DOWN', Monitor, process, _, _}, Watched) ->
    case Watched of
        #{Monitor := Ref} -> {noreply, fail(Ref, Watched)};
        _ -> {noreply, Watched}
    end;
handle_info(sweep, Watched) ->
    Old = erlang:system_time(second) - ?DAY_SECS,
    ets:select_delete(?MODULE, [{{'_', '$1'}, [{'<', '$1', Old}], [true]}]),
    erlang:send_after(?SWEEP_MSECS, self(), sweep),
    {noreply, Watched}.

unwatch(Ref, Watched) ->
    case maps:take(Ref, Watched) of
        {{Monitor, _, _}, Rest} ->
            erlang:demonitor(Monitor, [flush]),
            maps:remove(Monitor, Rest);
        error ->
            Watched
    end.
