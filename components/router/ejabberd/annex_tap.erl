%% tap: copies of messages, and whose account is removed.  One process for each
%% component that is told of them numbers them, and keeps them until they are
%% acknowledged.
-module(annex_tap).
-behaviour(gen_server).

-export([create/0, hooks/0, sent/1, came/1, shown/2, joining/1]).
-export([components/1, add/3]).
-export([configure/2, start_link/2, greeted/3, ack/3, write_behind/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("annex.hrl").

-define(RETRY_MSECS, 10000).
%% How the text of each begins: seq comes after that.
-define(HEAD, "<tap xmlns='urn:x-annex:0'").

%% From is memory, or the file of the spool that it was taken from.
-record(tap, {from = memory, lost = 0, text, bytes}).
-record(state, {host, component, window, stream = none, monitor, seq = 1,
                sent = queue:new(),     % {Seq, #tap{}}, not acknowledged
                waiting = queue:new(),  % #tap{}
                bytes = 0, most_bytes,  % of both
                spool, retry = none,    % its timer, while there is a problem
                lost = 0,
                spoilt = 0}).           % could not be read from the spool

%% {{Host, Component}, the next seq, running or stopped}: a process that takes
%% the place of one that broke down goes on where that was, so that no ack
%% means what it did not, and greets itself, as hello was said before.
create() ->
    ets:new(?MODULE, [named_table, public]).

%% After all that changes a message, or stops it.
hooks() ->
    [{user_send_packet, sent, 501},
     {sm_receive_packet, came, 95}].

sent({#message{meta = Meta} = Message, #{lserver := Host} = State} = Acc)
  when not is_map_key(carbon_copy, Meta) ->
    is_allowed(Host, State, Message, out) andalso
        begin
            stays(Host, Message),
            went(Host, Message)
        end,
    Acc;
sent(Acc) ->
    Acc.

came(#message{meta = Meta} = Message)
  when is_map_key(annex_tapped, Meta); is_map_key(annex_fanout, Meta);
       is_map_key(carbon_copy, Meta); is_map_key(from_offline, Meta);
       is_map_key(annex_bounce, Meta) ->
    Message;
came(#message{to = #jid{luser = User, lserver = Host} = To} = Message) ->
    case is_account(User, Host) andalso is_allowed(Host, To, Message, in) of
        true ->
            copy_in(Host, Message),
            annex_text:forget(),
            xmpp:put_meta(Message, annex_tapped, true);
        false ->
            let_go(),
            Message
    end;
came(Stanza) ->
    Stanza.

went(Host, #message{to = #jid{luser = User, lserver = Host}} = Message)
  when User /= <<>> ->
    case get(?MODULE) of
        undefined -> copy_out(Host, Message);
        _ -> hold(Host, Message)
    end;
went(Host, Message) ->
    copy_out(Host, Message).

%% Within joining: it may be seen to come as it was sent.
hold(Host, Message) ->
    let_go(),
    put(?MODULE, {Host, Message}).

%% It does not come, or something else is to be told before.
let_go() ->
    case get(?MODULE) of
        {Host, Message} ->
            put(?MODULE, none),
            copy_out(Host, Message);
        _ ->
            ok
    end.

%% Fun lets a message of a user go on.  Where it comes to another user at once,
%% unchanged, both are told by one tap.
joining(Fun) ->
    let_go(),
    put(?MODULE, none),
    try
        Fun()
    after
        case erase(?MODULE) of
            {Host, Message} -> copy_out(Host, Message);
            _ -> ok
        end
    end.

copy_out(Host, Message) ->
    copy(Host, <<"out">>, <<"local">>, Message).

copy_in(Host, Message) ->
    case is_held(Host, Message) of
        true ->
            put(?MODULE, none),
            copy(Host, <<"both">>, <<"local">>, Message);
        false ->
            copy(Host, <<"in">>, origin(xmpp:get_from(Message)), Message)
    end.

is_held(Host, Message) ->
    case get(?MODULE) of
        {Host, Held} -> is_same(Held, Message);
        _ -> false
    end.

is_same(Sent, Come) ->
    annex_id:of_stanza(Sent) == annex_id:of_stanza(Come)
        andalso xmpp:set_meta(Sent, #{}) == xmpp:set_meta(Come, #{}).

%% It will be seen to come at once, by the same process.
stays(Host, #message{to = #jid{lserver = Host}} = Message) ->
    annex_text:keep(Message, annex_text:stanza(Message));
stays(_Host, _Message) ->
    ok.

%% Blocking and privacy lists stop it only after these hooks.
is_allowed(Host, Whose, Message, Direction) ->
    allow == ejabberd_hooks:run_fold(privacy_check_packet, Host, allow,
                                     [Whose, Message, Direction]).

is_account(User, Host) ->
    ejabberd_sm:get_session_sids(User, Host) /= []
        orelse ejabberd_auth:user_exists(User, Host).

origin(#jid{luser = User, lserver = Server}) ->
    case ejabberd_router:is_my_host(Server) of
        true when User /= <<>> -> <<"local">>;
        true -> <<"component">>;
        false ->
            case ejabberd_router:is_my_route(Server) of
                true -> <<"component">>;
                false -> <<"remote">>
            end
    end.

%% deliver handed it to a session.
shown(Host, Message) ->
    copy(Host, <<"shown">>, <<"component">>, Message).

copy(Host, Dir, Origin, #message{from = From, to = To} = Message) ->
    let_go(),
    Ends = [Server || #jid{lserver = Server} <- [From, To]],
    case annex_host:with(tap, Host) -- Ends of
        [] ->
            ok;
        Components ->
            add(Host, Components, text(Dir, Origin, Message))
    end.

add(Host, Components, Text) ->
    let_go(),
    [gen_server:cast(name(Host, Component), {tap, Text})
     || Component <- Components],
    ok.

text(Dir, Origin, Message) ->
    Inner = annex_text:stanza(Message),
    iolist_to_binary(
      annex_text:element(
        <<"tap">>,
        [{<<"id">>, annex_id:of_stanza(Message)}, {<<"dir">>, Dir},
         {<<"origin">>, Origin}],
        annex_text:forwarded(written(Message), Inner))).

%% When it was sent, where it was let go later.
written(Message) ->
    case xmpp:get_meta(Message, annex_written, undefined) of
        undefined -> annex_xml:stamp();
        Stamp -> Stamp
    end.

ack(Host, Component, Text) ->
    case is_told(Host, Component) of
        true -> gen_server:cast(name(Host, Component), {ack, number(Text)});
        false -> ok
    end.

number(Text) ->
    try
        binary_to_integer(Text)
    catch
        error:badarg -> 0
    end.

greeted(Host, Component, Stream) ->
    case is_told(Host, Component) of
        true -> gen_server:cast(name(Host, Component), {greeted, Stream});
        false -> ok
    end.

%% Writes to a component's stream, behind what it was told before, as far as
%% its window has room.
write_behind(Host, Component, Stream, Text) ->
    case annex_host:has(tap, Host, Component) of
        true ->
            gen_server:cast(name(Host, Component),
                            {write, Stream, iolist_to_binary(Text)});
        false ->
            annex_link:write(Stream, Text)
    end.

%% Those that are told something: who stores has messages of accounts, too.
components(Host) ->
    lists:usort(annex_host:with(tap, Host) ++ annex_host:with(store, Host)).

is_told(Host, Component) ->
    lists:member(Component, components(Host)).

%% The processes: those that a configuration wants, and no others.
configure(Host, Old) ->
    New = components(Host),
    [annex_sup:stop_child({?MODULE, Host, Component})
     || Component <- Old -- New],
    [{ok, _} = annex_sup:start_child(
                 #{id => {?MODULE, Host, Component},
                   start => {?MODULE, start_link, [Host, Component]},
                   shutdown => 30000})
     || Component <- New -- Old],
    [gen_server:cast(name(Host, Component), configured)
     || Component <- New],
    ok.

start_link(Host, Component) ->
    gen_server:start_link(name(Host, Component), ?MODULE, {Host, Component},
                          []).

name(Host, Component) ->
    {via, annex_names, {?MODULE, Host, Component}}.

init({Host, Component}) ->
    process_flag(trap_exit, true),
    Folder = filename:join([mnesia:system_info(directory), "annex", Host,
                            Component]),
    Limit = annex_host:option(spool, Host, Component),
    Spool = annex_spool:open(Folder, Limit),
    State = #state{host = Host, component = Component,
                   seq = begin_with(Host, Component),
                   window = annex_host:option(window, Host, Component),
                   most_bytes = annex_host:option(window_bytes, Host,
                                                  Component),
                   spool = Spool},
    case annex_spool:problem(Spool) of
        none -> {ok, State};
        {later, Why} -> {ok, worry(Why, State)}
    end.

begin_with(Host, Component) ->
    Key = {Host, Component},
    {Seq, Before} = case ets:lookup(?MODULE, Key) of
                        [{_, Next, Was}] -> {Next, Was};
                        [] -> {1, stopped}
                    end,
    ets:insert(?MODULE, {Key, Seq, running}),
    Stream = annex_link:stream(Component),
    Before == running andalso Stream /= undefined andalso
        gen_server:cast(self(), {greeted, Stream}),
    Seq.

handle_call(_Request, _From, State) ->
    {reply, ok, State}.

handle_cast({tap, Text}, State) ->
    {noreply, flow(keep(Text, State))};
handle_cast({write, Stream, Text}, State) ->
    annex_link:write(Stream, Text),
    {noreply, State};
handle_cast({ack, Seq}, State) ->
    {noreply, flow(acknowledge(Seq, State))};
handle_cast({greeted, Stream}, #state{stream = Stream} = State) ->
    {noreply, State};
handle_cast({greeted, {Pid, _} = Stream}, State) ->
    Monitor = erlang:monitor(process, Pid),
    {noreply, flow(again(State#state{stream = Stream, monitor = Monitor}))};
handle_cast(configured, #state{host = Host, component = Component} = State) ->
    Limit = annex_host:option(spool, Host, Component),
    {noreply, flow(State#state{
                     window = annex_host:option(window, Host, Component),
                     most_bytes = annex_host:option(window_bytes, Host,
                                                    Component),
                     spool = annex_spool:limit(Limit, State#state.spool)})}.

handle_info({'DOWN', Monitor, process, _, _},
            #state{monitor = Monitor} = State) ->
    {noreply, State#state{stream = none}};
handle_info(retry, #state{retry = none} = State) ->
    {noreply, State};
handle_info(retry, State) ->
    {noreply, flow(State#state{retry = retry_later()})};
handle_info(_Info, State) ->
    {noreply, State}.

terminate(Reason, State) ->
    #state{sent = Sent, waiting = Waiting, spool = Spool} = State,
    Reason == shutdown andalso
        ets:update_element(?MODULE, key(State), {3, stopped}),
    Taps = [Tap || {_, Tap} <- queue:to_list(Sent)] ++ queue:to_list(Waiting),
    case annex_spool:close([to_disk(Tap) || Tap <- Taps], Spool) of
        ok -> ok;
        {error, Why} -> ?ERROR_MSG("~B copies of messages are lost: ~ts",
                                   [length(Taps), file:format_error(Why)])
    end.

%% In memory up to the window, then on disk; once on disk, behind what is.
keep(Text, #state{waiting = Waiting, window = Window} = State) ->
    #state{lost = Lost, spoilt = Spoilt} = State,
    case queue:len(Waiting) < Window andalso has_room(State)
        andalso annex_spool:is_empty(State#state.spool) of
        true ->
            Tap = #tap{lost = Lost + Spoilt, text = Text,
                       bytes = byte_size(Text)},
            (remember(Tap, State))#state{lost = 0, spoilt = 0};
        false ->
            keep_on_disk(#tap{lost = Lost, text = Text}, State)
    end.

has_room(#state{bytes = Bytes, most_bytes = Most}) ->
    Bytes < Most.

remember(Tap, #state{waiting = Waiting, bytes = Bytes} = State) ->
    State#state{waiting = queue:in(Tap, Waiting),
                bytes = Bytes + Tap#tap.bytes}.

keep_on_disk(Tap, #state{spool = Spool, lost = Lost} = State) ->
    case annex_spool:put(to_disk(Tap), Spool) of
        {ok, Next} ->
            say_found(Lost, State),
            State#state{spool = Next, lost = 0};
        {error, Why, Next} ->
            say_lost(Lost, Why, State),
            State#state{spool = Next, lost = Lost + 1}
    end.

say_lost(0, Why, #state{component = Component}) ->
    ?ERROR_MSG("Copies of messages for ~ts are lost: ~ts",
               [Component, reason(Why)]);
say_lost(_, _, _) ->
    ok.

say_found(0, _State) ->
    ok;
say_found(Lost, #state{component = Component}) ->
    ?WARNING_MSG("~B copies of messages for ~ts were lost", [Lost, Component]).

reason(full) -> "the spool has reached its limit";
reason(Why) -> file:format_error(Why).

to_disk(#tap{lost = Lost, text = Text}) ->
    term_to_binary({Lost, Text}).

%% What cannot be read is lost as well, and counted with the next.
from_disk(Taken, State) ->
    lists:foldl(fun({File, Binary}, S) -> from_disk(File, Binary, S) end,
                State, Taken).

from_disk(File, Binary, #state{spoilt = Spoilt} = State) ->
    try read(Binary) of
        {Lost, Text} ->
            Tap = #tap{from = File, lost = Lost + Spoilt, text = Text,
                       bytes = byte_size(Binary)},
            (remember(Tap, State))#state{spoilt = 0}
    catch
        error:_ ->
            ?ERROR_MSG("Copies of messages for ~ts are lost: they cannot be "
                       "read", [State#state.component]),
            Spool = annex_spool:done(File, State#state.spool),
            State#state{spool = Spool, spoilt = Spoilt + 1}
    end.

read(Binary) ->
    {Lost, <<?HEAD, _/binary>> = Text} = binary_to_term(Binary),
    #xmlel{} = fxml_stream:parse_element(Text),
    {Lost, Text}.

%% Sends what the window has room for.
flow(#state{stream = none} = State) ->
    State;
flow(#state{sent = Sent, window = Window} = State) ->
    case queue:len(Sent) < Window of
        true -> flow_next(fill(State));
        false -> State
    end.

flow_next(#state{waiting = Waiting} = State) ->
    case queue:out(Waiting) of
        {{value, Tap}, Others} ->
            flow(send(Tap, State#state{waiting = Others}));
        {empty, _} ->
            State
    end.

fill(#state{waiting = Waiting, spool = Spool} = State) ->
    case annex_spool:is_empty(Spool) of
        true ->
            calm(State);
        false ->
            case queue:is_empty(Waiting) andalso has_room(State) of
                true -> fill_now(State);
                false -> State
            end
    end.

fill_now(#state{window = Window, spool = Spool} = State) ->
    Room = State#state.most_bytes - State#state.bytes,
    {Taken, Next} = annex_spool:take(min(Window, 100), Room, Spool),
    fill_from(Taken, annex_spool:problem(Next), State#state{spool = Next}).

fill_from([], none, State) ->
    calm(State);
fill_from(Taken, none, State) ->
    fill(from_disk(Taken, calm(State)));
fill_from(Taken, {later, Why}, State) ->
    from_disk(Taken, worry(Why, State));
fill_from(Taken, {lost, Why}, State) ->
    #state{component = Component, spoilt = Spoilt} = Next
        = from_disk(Taken, State),
    ?ERROR_MSG("Copies of messages for ~ts are lost: ~ts",
               [Component, file:format_error(Why)]),
    fill(Next#state{spoilt = Spoilt + 1}).

%% Says once that they cannot be read, and tries again until they can.
worry(Why, #state{retry = none, component = Component} = State) ->
    ?ERROR_MSG("Copies of messages for ~ts wait, as they cannot be read: ~ts",
               [Component, file:format_error(Why)]),
    State#state{retry = retry_later()};
worry(_Why, State) ->
    State.

retry_later() ->
    erlang:send_after(?RETRY_MSECS, self(), retry).

calm(#state{retry = none} = State) ->
    State;
calm(#state{retry = Timer} = State) ->
    _ = erlang:cancel_timer(Timer),
    State#state{retry = none}.

send(Tap, #state{seq = Seq, sent = Sent} = State) ->
    ets:update_element(?MODULE, key(State), {2, Seq + 1}),
    tell(Seq, Tap, State),
    State#state{seq = Seq + 1, sent = queue:in({Seq, Tap}, Sent)}.

key(#state{host = Host, component = Component}) ->
    {Host, Component}.

again(#state{sent = Sent} = State) ->
    [tell(Seq, Tap, State) || {Seq, Tap} <- queue:to_list(Sent)],
    State.

tell(Seq, #tap{lost = Lost, text = <<?HEAD, Rest/binary>>},
     #state{host = Host, component = Component, stream = Stream}) ->
    Numbered = [<<?HEAD, " seq='">>, integer_to_binary(Seq), $',
                [[<<" lost='">>, integer_to_binary(Lost), $'] || Lost > 0],
                Rest],
    annex_link:write(Stream, annex_text:message(Host, Component, Numbered)).

acknowledge(Seq, #state{sent = Sent, bytes = All, spool = Spool} = State) ->
    case queue:peek(Sent) of
        {value, {First, #tap{from = From, bytes = Bytes}}} when First =< Seq ->
            Next = case From of
                       memory -> Spool;
                       File -> annex_spool:done(File, Spool)
                   end,
            acknowledge(Seq, State#state{sent = queue:drop(Sent),
                                         bytes = All - Bytes, spool = Next});
        _ ->
            State
    end.
