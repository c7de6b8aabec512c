%% check: messages that wait until a component has judged them.
-module(annex_check).

-export([hooks/0, sent/1, came/1, entered/2, returned/2, resumed/2]).
-export([create/0, host/1, chosen/4, decided/2, deny/2, leaves/3]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("annex.hrl").

%% {The key of a line, how many wait in it, how many bytes these have}
create() ->
    ets:new(?MODULE, [named_table, public, {write_concurrency, true}]).

%% text is that of the stanza, where it was printed.
-record(item, {host, component, point, profile, stanza, text, bytes}).

host(#item{host = Host}) -> Host.

hooks() ->
    [{user_send_packet, sent, 1},
     {sm_receive_packet, came, 2},
     {c2s_handle_info, returned, 30},
     {c2s_copy_session, resumed, 50}].

%% A user's session sent it.  What is to be held waits in a lane, and so does
%% behind it what must not overtake it.
sent({Stanza, #{lserver := Host} = State} = Acc) ->
    case xmpp:get_meta(Stanza, annex_checked, none) of
        Host -> Acc;
        _ -> closed(Host, Stanza, {drop, State},
                    fun() -> sent(Host, Stanza, State) end)
    end.

sent(Host, Stanza, State) ->
    Acc = {Stanza, State},
    [Component] = annex_host:with(check, Host),
    case chosen(Host, Component, send, Stanza) of
        none ->
            case is_behind(Stanza, State) of
                true -> park(item(Host, Component, send, none, Stanza), State);
                false -> Acc
            end;
        Profile ->
            park(item(Host, Component, send, Profile, Stanza), State)
    end.

is_behind(Stanza, #{annex_key := Key}) ->
    ets:member(?MODULE, Key) andalso annex_profile:keeps_order(Stanza);
is_behind(_Stanza, _State) ->
    false.

park(Item, State) ->
    Key = maps:get(annex_key, State, make_ref()),
    join(Key, self(), Item),
    {stop, {drop, State#{annex_key => Key}}}.

%% Puts it in line, if there is room for it.
join(Key, Owner, #item{bytes = Bytes} = Item) ->
    [Count, All] = ets:update_counter(?MODULE, Key, [{2, 1}, {3, Bytes}],
                                      {Key, 0, 0}),
    case has_room(Count - 1, All - Bytes, Item) of
        true ->
            annex_lane:park(Key, Owner, {?MODULE, Item}, question(Item));
        false ->
            arrived(Key, Bytes),
            refuse(Item#item.stanza, 'resource-constraint', wait)
    end.

has_room(Count, Bytes, #item{host = Host, component = Component}) ->
    Count < annex_host:option(parked, Host, Component)
        andalso Bytes < annex_host:option(parked_bytes, Host, Component).

arrived(Key, Bytes) ->
    [Count, Left] = ets:update_counter(?MODULE, Key, [{2, -1}, {3, -Bytes}],
                                       {Key, 0, 0}),
    Count == 0 andalso ets:delete_object(?MODULE, {Key, 0, Left}).

%% It comes from outside, for a user.  Two people are a line.
came(Stanza) ->
    #jid{lserver = Host} = xmpp:get_to(Stanza),
    From = xmpp:get_from(Stanza),
    case xmpp:get_meta(Stanza, annex_checked, none) == Host
        orelse xmpp:get_meta(Stanza, annex_fanout, false)
        orelse From#jid.lserver == Host of
        true -> Stanza;
        false -> closed(Host, Stanza, drop,
                        fun() -> came(Host, Stanza) end)
    end.

%% The same for a room of a component's.
entered(Host, Stanza) ->
    closed(Host, Stanza, drop,
           fun() -> came(Host, annex_id:ensure(Stanza)) end).

%% A mistake of ours must not open what is to be closed.
closed(Host, Stanza, Dropped, Fun) ->
    try
        Fun()
    catch
        Class:Reason:Stack ->
            ?ERROR_MSG("Failed to hold a stanza:~n** ~ts",
                       [misc:format_exception(2, Class, Reason, Stack)]),
            [Component] = annex_host:with(check, Host),
            Options = annex_host:component(Host, Component),
            case annex_option:fail_mode(Options) of
                open ->
                    erlang:raise(Class, Reason, Stack);
                _ ->
                    refuse(Stanza, 'resource-constraint', wait),
                    {stop, Dropped}
            end
    end.

came(Host, Stanza) ->
    [Component] = annex_host:with(check, Host),
    Key = {bare(xmpp:get_from(Stanza)), bare(xmpp:get_to(Stanza))},
    case chosen(Host, Component, 'receive', Stanza) of
        none ->
            case annex_profile:keeps_order(Stanza)
                andalso ets:member(?MODULE, Key) of
                true -> wait(Key, Host, Component, none, Stanza);
                false -> Stanza
            end;
        Profile ->
            wait(Key, Host, Component, Profile, own(Stanza))
    end.

%% What a room of the router sends on, to each inside, has the id by which it
%% was said there; but of those copies each is judged, and kept, by itself.
own(#message{from = From, meta = #{annex_sender := Sender}} = Message)
  when From /= Sender ->
    annex_id:name(annex_id:new(), Message);
own(Stanza) ->
    Stanza.

wait(Key, Host, Component, Profile, Stanza) ->
    join(Key, none, item(Host, Component, 'receive', Profile, Stanza)),
    {stop, drop}.

bare(JID) ->
    jid:remove_resource(jid:tolower(JID)).

item(Host, Component, Point, Profile, Stanza) ->
    #item{host = Host, component = Component, point = Point,
          profile = Profile, stanza = Stanza,
          text = case Profile of
                     none -> undefined;
                     _ -> annex_text:stanza(Stanza)
                 end,
          bytes = erlang:external_size(Stanza)}.

%% Who is held

%% The profile that has it held.  Neither is what goes to the component itself
%% or comes from there, nor a copy.
chosen(_Host, _Component, _Point,
       #message{meta = #{carbon_copy := true}}) ->
    none;
chosen(Host, Component, Point, Stanza) ->
    case {xmpp:get_from(Stanza), xmpp:get_to(Stanza)} of
        {#jid{lserver = Component}, _} -> none;
        {_, #jid{lserver = Component}} -> none;
        {From, To} when Point == send -> chosen(Host, Component, From, To,
                                                Stanza);
        {From, To} -> came_for(Host, Component, To, From, Stanza)
    end.

%% What was said inside is not held.  Of what enters neither of the two is a
%% user of ours: either may be the one that a profile is for.
came_for(Host, Component, #jid{lserver = To} = User, Peer, Stanza) ->
    case annex_door:leaves(Host, Stanza) of
        true ->
            none;
        false when To == Host ->
            chosen(Host, Component, User, Peer, Stanza);
        false ->
            annex_profile:choose_either(profiles(Host, Component), User, Peer,
                                        Stanza)
    end.

chosen(Host, Component, User, Peer, Stanza) ->
    annex_profile:choose(profiles(Host, Component), User, Peer, Stanza).

profiles(Host, Component) ->
    annex_host:option(profiles, Host, Component).

%% The question, and what comes of it

question(#item{profile = none}) ->
    open;
question(#item{host = Host, component = Component, point = Point,
               profile = #{name := Name, timeout := Timeout},
               stanza = Stanza, text = Text}) ->
    El = iolist_to_binary(
           annex_text:element(
             <<"check">>,
             [{<<"id">>, id_of(Stanza)},
              {<<"point">>, atom_to_binary(Point, utf8)},
              {<<"profile">>, Name}],
             annex_text:forwarded(annex_xml:stamp(), Text))),
    fun(Then) -> annex_ask:ask(Host, Component, El, Timeout, Then) end.

%% Others than messages are not known by one elsewhere.
id_of(#message{} = Message) -> annex_id:of_stanza(Message);
id_of(_Stanza) -> annex_id:new().

%% {go, Stanza, its text if that is known, Bytes}, or {gone, Bytes}; who must be
%% told has been.
decided(#item{host = Host, bytes = Bytes} = Item, Outcome) ->
    case outcome(Item, Outcome) of
        gone -> {gone, Bytes};
        Stanza -> {go, xmpp:put_meta(Stanza, annex_checked, Host),
                   text(Stanza, Item), Bytes}
    end.

text(Stanza, #item{stanza = Stanza, text = Text}) -> Text;
text(_Other, _Item) -> undefined.

outcome(#item{stanza = Stanza}, open) ->
    Stanza;
outcome(#item{stanza = Stanza, profile = #{fail := open}}, failed) ->
    Stanza;
outcome(#item{stanza = Stanza}, failed) ->
    refuse(Stanza, 'resource-constraint', wait),
    gone;
outcome(#item{stanza = Stanza} = Item, {result, Verdict}) ->
    case action(Verdict) of
        allow -> Stanza;
        hold -> gone;
        deny -> deny(Stanza, Verdict), gone;
        {replace, Other} -> annex_stanza:replace(Stanza, Other);
        unknown -> outcome(Item, failed)
    end.

action(#xmlel{name = <<"verdict">>} = Verdict) ->
    case annex_xml:attr(<<"action">>, Verdict) of
        <<"allow">> -> allow;
        <<"hold">> -> hold;
        <<"deny">> -> deny;
        <<"replace">> -> replacement(annex_xml:unwrap(Verdict));
        _ -> unknown
    end;
action(_) ->
    unknown.

%% Tells the sender, unless nobody is to be told.
deny(Stanza, Verdict) ->
    case annex_xml:attr(<<"silent">>, Verdict) of
        Yes when Yes == <<"true">>; Yes == <<"1">> -> ok;
        _ -> refuse(Stanza, annex_stanza:condition(
                              annex_xml:attr(<<"condition">>, Verdict)),
                    modify, said(annex_xml:child(<<"text">>, Verdict)))
    end.

said(undefined) -> <<>>;
said(Text) -> annex_xml:text(Text).

replacement({none, _}) -> unknown;
replacement({Stanza, _}) -> {replace, Stanza}.

refuse(Stanza, Condition, Type) ->
    refuse(Stanza, Condition, Type, <<>>).

refuse(Stanza, Condition, Type, Text) ->
    ejabberd_router:route_error(
      Stanza, annex_stanza:error(Type, Condition, Text)).

%% Letting it go

%% Back in the session's process.  What sends it counts it as new (XEP-0198),
%% which it is not.
returned(#{mgmt_state := resumed} = State, {annex_go, _, _}) ->
    {stop, State};
returned(State, {annex_go, {Key, _} = Ref, Result}) ->
    annex_lane:had(Key, Ref),
    arrived(Key, bytes(Result)),
    {stop, go(Result, State)};
returned(State, _Info) ->
    State.

bytes({go, _, _, Bytes}) -> Bytes;
bytes({gone, Bytes}) -> Bytes;
bytes(gone) -> 0.       % something broke down

go({go, Stanza, Text, _}, State) ->
    Next = passing(Text, Stanza, fun() ->
        ejabberd_c2s:handle_authenticated_packet(Stanza, State)
    end),
    case State of
        #{mgmt_stanzas_in := Count} -> Next#{mgmt_stanzas_in => Count};
        _ -> Next
    end;
go(_Gone, State) ->
    State.

%% The session goes on in a new process.
resumed(State, #{annex_key := Key}) ->
    annex_lane:move(Key, self()),
    State#{annex_key => Key};
resumed(State, _Old) ->
    State.

%% Without a process of the sender, or of none that we have to ask.
leaves(Key, #item{bytes = Bytes} = Item, Result) ->
    leave(Item, Result),
    arrived(Key, Bytes).

leave(#item{host = Host, point = 'receive'}, {go, Stanza, Text, _}) ->
    knowing(Text, Stanza, fun() -> annex_stanza:come(Host, Stanza) end);
leave(#item{host = Host}, {go, Stanza, Text, _}) ->
    passing(Text, Stanza, fun() -> annex_stanza:send_as(Host, Stanza) end);
leave(_Item, _Gone) ->
    ok.

%% What a user sends.
passing(Text, Stanza, Fun) ->
    knowing(Text, Stanza, fun() -> annex_tap:joining(Fun) end).

%% Those who copy it need not print it again.
knowing(undefined, _Stanza, Fun) ->
    Fun();
knowing(Text, Stanza, Fun) ->
    annex_text:keep(Stanza, Text),
    try
        Fun()
    after
        annex_text:forget()
    end.
