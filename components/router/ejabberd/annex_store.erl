%% store: messages for users of whom no session takes them.
-module(annex_store).

-export([create/0, hooks/0, greeted/2, forgotten/3, absent/1]).
-export([host/1, decided/2, leaves/3]).

-include("xmpp.hrl").
-include("annex.hrl").

%% Ids in one message: far less than a stanza may have.
-define(MOST_IDS, 100).

%% How many wait for a user: those after them wait as well.
create() ->
    ets:new(?MODULE, [named_table, public, {write_concurrency, true}]).

%% With the same priority as mod_offline, and so before it by its name; after
%% mod_mam, which archives the message in any case.
hooks() ->
    [{offline_message_hook, absent, 50}].

absent({_Action, #message{meta = #{annex_unstored := true}}} = Acc) ->
    Acc;
absent({Action, #message{type = Type, to = #jid{lserver = Host}} = Message})
  when Type == chat; Type == normal ->
    [Component] = annex_host:with(store, Host),
    User = jid:remove_resource(Message#message.to),
    Key = {?MODULE, jid:tolower(User)},
    case annex_link:find(Component) == undefined
        andalso not ets:member(?MODULE, Key) of
        true ->
            {Action, Message};
        false ->
            ets:update_counter(?MODULE, Key, 1, {Key, 0}),
            annex_lane:park(Key, none, {?MODULE, {Action, Message}},
                            question(Host, Component, User, Message)),
            {stop, {offlined, Message}}
    end;
absent(Acc) ->
    Acc.

question(Host, Component, User, Message) ->
    Id = annex_id:of_stanza(Message),
    annex_deliver:forget(User, Id),
    forgotten(Host, Component, [{User, Id}]),
    {Stamp, Fresh} = annex_stanza:without_resent(Message),
    El = annex_xml:element(
           <<"store">>, [{<<"id">>, Id}, {<<"user">>, User}],
           [annex_xml:forwarded(Stamp, Fresh)]),
    Timeout = annex_host:option(timeout, Host, Component),
    fun(Then) ->
            Sent = annex_link:find(Component) /= undefined,
            annex_ask:ask_exactly(
              Host, Component, El, Timeout,
              fun(refused) ->
                      Then(failed);
                 (failed) when Sent ->
                      withdraw(Host, Component, User, Id),
                      Then(failed);
                 (Outcome) ->
                      Then(Outcome)
              end)
    end.

%% The router has the message, and the component may have it too.
withdraw(Host, Component, User, Id) ->
    annex_withdrawn:add(Host, Component, User, Id),
    tell(Host, Component, jid:remove_resource(User), [Id]).

%% Tells what is withdrawn, if the component is there.
greeted(Host, Component) ->
    Users = lists:foldr(
              fun({User, Id}, All) ->
                      maps:update_with(User, fun(Ids) -> [Id | Ids] end, [Id],
                                       All)
              end, #{}, annex_withdrawn:list(Host, Component)),
    maps:foreach(fun(User, Ids) ->
                         tell_all(Host, Component, jid:make(User), Ids)
                 end, Users).

tell_all(Host, Component, User, Ids) when length(Ids) > ?MOST_IDS ->
    {Some, Others} = lists:split(?MOST_IDS, Ids),
    tell(Host, Component, User, Some),
    tell_all(Host, Component, User, Others);
tell_all(Host, Component, User, Ids) ->
    tell(Host, Component, User, Ids).

%% It may be killed before it comes to that, so it is told after every hello
%% until it has forgotten.  Without deliver it cannot.
tell(Host, Component, User, Ids) ->
    case annex_link:find(Component) of
        undefined ->
            ok;
        _ ->
            annex_link:tell(Host, Component, withdrawn(User, Ids)),
            annex_host:has(deliver, Host, Component) orelse
                forgotten(Host, Component, [{User, Id} || Id <- Ids])
    end.

forgotten(Host, Component, Messages) ->
    lists:foreach(
      fun({User, Id}) ->
              annex_withdrawn:remove(Host, Component, User, Id)
      end, Messages).

withdrawn(User, Ids) ->
    Text = iolist_to_binary(lists:join("\n", Ids)),
    annex_xml:element(<<"withdraw">>, [{<<"user">>, User}],
                      [{xmlcdata, Text}]).

host({_Action, #message{to = #jid{lserver = Host}}}) -> Host.

decided(_Item, Outcome) ->
    Outcome.

%% Custody is the component's, or the message goes to whoever comes after us.
leaves(Key, {Action, Message}, Outcome) ->
    stored(Outcome, Action, Message),
    ets:update_counter(?MODULE, Key, -1),
    ets:delete_object(?MODULE, {Key, 0}).

stored({result, El}, _Action, Message) ->
    case bounce(El) of
        undefined ->
            ok;
        Name ->
            Condition = annex_stanza:condition(Name),
            Type = annex_stanza:error_type(Condition),
            ejabberd_router:route_error(
              Message, annex_stanza:error(Type, Condition, <<>>))
    end;
stored(failed, Action, #message{to = #jid{lserver = Host}} = Message) ->
    Left = xmpp:put_meta(Message, annex_unstored, true),
    case is_back(Message) of
        true -> ejabberd_sm:route(Left);
        false -> ejabberd_hooks:run_fold(offline_message_hook, Host,
                                         {Action, Left}, [])
    end.

%% The user may have come back while the component was asked.
is_back(#message{to = #jid{luser = User, lserver = Host}}) ->
    lists:any(fun({Priority, _}) -> Priority >= 0 end,
              ejabberd_sm:get_user_present_resources(User, Host)).

bounce(#xmlel{name = <<"store">>} = El) -> annex_xml:attr(<<"bounce">>, El);
bounce(_) -> undefined.
