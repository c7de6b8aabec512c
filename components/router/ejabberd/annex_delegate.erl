%% delegate: queries that a component answers instead of the router.
-module(annex_delegate).

-export([create/0, hooks/0, request/3, gone/2, configure/1]).
-export([sent/1, take/3, account_features/5, host_features/5]).

-include("xmpp.hrl").
-include("annex.hrl").

-define(USUAL_SECS, <<"30">>).

%% Of further features with a namespace, and of bytes in one.
-define(MOST_FEATURES, 32).
-define(LONGEST_FEATURE, 256).

%% features are the account's; the host has them too if host is true.
-record(delegate, {key, component, stream, timeout, host, features}).

%% The key is {Host, ns, Namespace} or {Host, node, Node}.  The other table has
%% {{Host, Component}, how many wait for an answer}, and the same for a user's
%% by {Host, Component, User}.
create() ->
    ets:new(annex_unanswered, [named_table, public, {write_concurrency, true}]),
    ets:new(?MODULE, [named_table, public, {keypos, #delegate.key},
                      {read_concurrency, true}]).

%% mod_disco adds to features at 100, the last: what the router offers too is
%% listed once.
hooks() ->
    [{user_send_packet, sent, 2},
     {disco_sm_features, account_features, 110},
     {disco_local_features, host_features, 110}].

request(_IQ, El, {Host, Component}) ->
    {Kind, What} = what(annex_xml:attr(<<"ns">>, El),
                        annex_xml:attr(<<"node">>, El)),
    is_listed(What, Host, Component)
        orelse throw({error, xmpp:err_forbidden()}),
    Secs = seconds(annex_xml:attr(<<"timeout">>, El, ?USUAL_SECS)),
    IsHost = annex_xml:attr(<<"host">>, El) == <<"true">>,
    New = #delegate{key = {Host, Kind, What}, component = Component,
                    stream = self(), timeout = Secs * 1000, host = IsHost,
                    features = features(Kind, What, further(El))},
    case ets:lookup(?MODULE, New#delegate.key) of
        [#delegate{component = Other}] when Other /= Component ->
            {error, xmpp:err_conflict()};
        _ ->
            ets:insert(?MODULE, New),
            result
    end.

what(Namespace, undefined) when Namespace /= undefined -> {ns, Namespace};
what(undefined, Node) when Node /= undefined -> {node, Node};
what(_, _) -> throw({error, xmpp:err_bad_request()}).

seconds(Text) ->
    try binary_to_integer(Text) of
        Secs when Secs > 0 -> Secs;
        _ -> throw({error, xmpp:err_bad_request()})
    catch
        error:badarg -> throw({error, xmpp:err_bad_request()})
    end.

features(node, _, []) -> [];
features(node, _, _) -> throw({error, xmpp:err_bad_request()});
features(ns, Namespace, Further) -> [Namespace | Further].

further(El) ->
    Vars = [annex_xml:attr(<<"var">>, Child, <<>>)
            || Child <- annex_xml:children(<<"feature">>, El)],
    lists:member(<<>>, Vars) andalso throw({error, xmpp:err_bad_request()}),
    IsLong = fun(Var) -> byte_size(Var) > ?LONGEST_FEATURE end,
    (length(Vars) > ?MOST_FEATURES orelse lists:any(IsLong, Vars))
        andalso throw({error, xmpp:err_not_acceptable()}),
    Vars.

gone(Component, Stream) ->
    ets:match_delete(?MODULE, #delegate{component = Component,
                                        stream = Stream, _ = '_'}).

%% What the configuration no longer gives a component ends at once.
configure(Host) ->
    [ets:delete_object(?MODULE, Delegate)
     || #delegate{key = {_, _, What}, component = Component} = Delegate
            <- ets:match_object(?MODULE, #delegate{key = {Host, '_', '_'},
                                                   _ = '_'}),
        not is_listed(What, Host, Component)],
    ok.

is_listed(What, Host, Component) ->
    annex_host:has(delegate, Host, Component)
        andalso annex_host:may(delegate, What, Host, Component).

%% A user's own session asks.
sent({#iq{} = IQ, #{lserver := Host} = State} = Acc) ->
    case take(Host, IQ, fun ejabberd_router:route/1) of
        true -> {stop, {drop, State}};
        false -> Acc
    end;
sent(Acc) ->
    Acc.

%% Whether a component answers that; Then gets the answer.
take(Host, #iq{type = Type, sub_els = [El]} = IQ, Then)
  when Type == get; Type == set ->
    case [Delegate || Key <- keys(Host, IQ, annex_xml:plain(El)),
                      Delegate <- ets:lookup(?MODULE, Key)] of
        [First | _] -> ask(First, Host, IQ, Then);
        [] -> false
    end;
take(_Host, _IQ, _Then) ->
    false.

keys(Host, #iq{from = From, to = To}, El) ->
    Namespace = annex_xml:namespace(El),
    Nodes = [{Host, node, annex_xml:attr(<<"node">>, El)}
             || Namespace == ?NS_DISCO_INFO orelse
                    Namespace == ?NS_DISCO_ITEMS],
    case {jid:remove_resource(jid:tolower(From)), jid:tolower(To)} of
        {Account, Account} -> [{Host, ns, Namespace} | Nodes];
        {_, {<<>>, Host, <<>>}} -> Nodes;
        _ -> []
    end.

%% A component may just have left the configuration.
ask(#delegate{component = Component} = Delegate, Host, IQ, Then) ->
    case annex_host:component(Host, Component) of
        undefined -> false;
        Options -> ask(Options, Delegate, Host, IQ, Then)
    end.

ask(#{delegated := Most, delegated_each := MostEach},
    #delegate{component = Component} = Delegate, Host, IQ, Then) ->
    #iq{from = #jid{luser = User}} = IQ,
    All = enter({Host, Component}),
    Own = enter({Host, Component, User}),
    Leave = fun() ->
                    leave({Host, Component}),
                    leave({Host, Component, User})
            end,
    case All =< Most andalso Own =< MostEach of
        true ->
            ask_now(Delegate, Host, IQ,
                    fun(Answer) -> Leave(), Then(Answer) end);
        false ->
            Leave(),
            Then(xmpp:make_error(IQ, busy()))
    end,
    true.

ask_now(#delegate{component = Component, timeout = Timeout}, Host, IQ, Then) ->
    El = annex_xml:element(<<"delegated">>, [], [annex_xml:forwarded(IQ)]),
    annex_ask:ask_behind(Host, Component, El, Timeout,
                         fun(Outcome) -> Then(answer(IQ, Outcome)) end).

enter(Key) ->
    ets:update_counter(annex_unanswered, Key, 1, {Key, 0}).

leave(Key) ->
    ets:update_counter(annex_unanswered, Key, -1),
    ets:delete_object(annex_unanswered, {Key, 0}).

busy() ->
    annex_stanza:error(wait, 'resource-constraint', <<>>).

%% Its id and addresses are those of the request.
answer(IQ, {result, #xmlel{name = <<"delegated">>} = El}) ->
    case annex_xml:unwrap(El) of
        {#iq{type = Type} = Answer, _} when Type == result; Type == error ->
            Answer#iq{id = IQ#iq.id, from = IQ#iq.to, to = IQ#iq.from};
        _ ->
            answer(IQ, failed)
    end;
answer(IQ, _Outcome) ->
    xmpp:make_error(IQ, xmpp:err_service_unavailable()).

account_features(Acc, #jid{luser = User, lserver = Host},
                 #jid{luser = User, lserver = Host}, <<>>, _Lang) ->
    add(Acc, delegated(Host, '_'));
account_features(Acc, _From, _To, _Node, _Lang) ->
    Acc.

host_features(Acc, _From, #jid{lserver = Host}, <<>>, _Lang) ->
    add(Acc, delegated(Host, true));
host_features(Acc, _From, _To, _Node, _Lang) ->
    Acc.

add({result, Features}, Own) -> {result, Features ++ (Own -- Features)};
add(Acc, _Own) -> Acc.

%% Without doubles.
delegated(Host, IsHost) ->
    Found = ets:match(?MODULE, #delegate{key = {Host, ns, '_'}, host = IsHost,
                                         features = '$1', _ = '_'}),
    lists:usort(lists:append(lists:append(Found))).
