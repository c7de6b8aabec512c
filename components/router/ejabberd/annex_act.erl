%% act: what a component does for a user.
-module(annex_act).

-export([create/0, hooks/0, request/3, give_up/1, came/1, late/1]).

-include("xmpp.hrl").
-include("annex.hrl").

%% {Id, whose host it is, to whom the IQ went, Timer, Then}
create() ->
    ets:new(?MODULE, [named_table, public]).

hooks() ->
    [{sm_receive_packet, came, 0}].

request(IQ, El, {Host, Component}) ->
    User = user(annex_xml:attr(<<"user">>, El, <<>>), Host),
    {Stanza, _} = annex_xml:unwrap(El),
    permitted(Stanza, Host, Component),
    Stream = annex_link:own(Component),
    Timeout = annex_host:option(timeout, Host, Component),
    annex_lane:run({?MODULE, User}, fun() ->
        do(address(Stanza, User), User, Timeout,
           fun(Answer) -> annex_link:send(Stream, answer(IQ, Answer)) end)
    end),
    later.

user(Text, Host) ->
    try jid:decode(Text) of
        #jid{luser = User, lserver = Host} = JID when User /= <<>> ->
            case ejabberd_auth:user_exists(User, Host) of
                true -> jid:remove_resource(JID);
                false -> throw({error, xmpp:err_item_not_found()})
            end;
        _ ->
            throw({error, xmpp:err_item_not_found()})
    catch
        error:{bad_jid, _} -> throw({error, xmpp:err_item_not_found()})
    end.

permitted(#iq{type = Type, sub_els = [El]}, Host, Component)
  when Type == get; Type == set ->
    is_listed(annex_xml:namespace(El), Host, Component);
permitted(#presence{to = To, type = Type}, Host, Component) ->
    is_listed(<<"presence">>, Host, Component),
    case To /= undefined andalso Type /= probe andalso Type /= error of
        true -> ok;
        false -> throw({error, xmpp:err_bad_request()})
    end;
permitted(#message{}, _Host, _Component) ->
    throw({error, xmpp:err_forbidden()});
permitted(_Stanza, _Host, _Component) ->
    throw({error, xmpp:err_bad_request()}).

is_listed(What, Host, Component) ->
    case annex_host:may(act, What, Host, Component) of
        true -> ok;
        false -> throw({error, xmpp:err_forbidden()})
    end.

%% To the own account, if to nobody else.
address(Stanza, User) ->
    To = case xmpp:get_to(Stanza) of
             undefined -> User;
             Given -> Given
         end,
    xmpp:set_from_to(Stanza, User, To).

do(#presence{} = Presence, User, _Timeout, Then) ->
    annex_stanza:send_from(User, Presence),
    Then({result, []});
do(#iq{id = Id} = IQ, #jid{lserver = Host}, Timeout, Then) ->
    Answered = fun(Answer) -> Then(answered(Answer, Id)) end,
    annex_delegate:take(Host, IQ, Answered) orelse
        send(IQ, Answered, Timeout).

send(#iq{from = #jid{lserver = Host}, to = To} = IQ, Then, Timeout) ->
    Id = <<"annex-act-", (integer_to_binary(
                            erlang:unique_integer([positive])))/binary>>,
    {ok, Timer} = timer:apply_after(Timeout, ?MODULE, late, [Id]),
    ets:insert(?MODULE, {Id, Host, jid:tolower(To), Timer, Then}),
    ejabberd_router:route(IQ#iq{id = Id}).

%% An answer comes to the account, from whom it was sent to.
came(#iq{type = Type, id = <<"annex-act-", _/binary>> = Id, from = From} = IQ)
  when Type == result; Type == error ->
    Sender = jid:tolower(From),
    case ets:lookup(?MODULE, Id) of
        [{_, _, Sender, _, _}] ->
            finish(Id, IQ),
            {stop, drop};
        _ ->
            IQ
    end;
came(Stanza) ->
    Stanza.

late(Id) ->
    finish(Id, timeout).

%% Nobody sees the answers for a host any more.
give_up(Host) ->
    [finish(Id, timeout)
     || [Id] <- ets:match(?MODULE, {'$1', Host, '_', '_', '_'})],
    ok.

finish(Id, Answer) ->
    [begin
         _ = timer:cancel(Timer),
         Then(Answer)
     end || {_, _, _, Timer, Then} <- ets:take(?MODULE, Id)].

answered(timeout, _Id) ->
    {error, xmpp:err_remote_server_timeout()};
answered(#iq{} = Answer, Id) ->
    {result, [annex_xml:element(<<"act">>, [],
                                [annex_xml:forwarded(Answer#iq{id = Id})])]}.

answer(IQ, {result, Els}) ->
    (xmpp:make_iq_result(IQ))#iq{sub_els = Els};
answer(IQ, {error, Error}) ->
    xmpp:make_error(IQ#iq{sub_els = []}, Error).
