-module(annex_deliver_tests).

-export([get_owner/1, send/2, handle_send/3, log/2]).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(ARCHIVE, <<"archive.a.example">>).
-define(JULIET, jid:make(<<"juliet">>, ?HOST, <<"balcony">>)).

%% As the shim gives it to the session's process.
-record(order, {ref, stream, iq, host, session, items}).

%% This process is a session's, and a component's stream.
session(Test) ->
    {setup, fun open/0, fun close/1, fun(_) -> {spawn, Test} end}.

open() ->
    ets:new(ejabberd_modules, [named_table, public]),
    annex_deliver:create(),
    annex_names:create(),
    annex_host:set(?HOST, #{components => #{},
                            hooks => #{tap => [?ARCHIVE]}}).

close(_) ->
    annex_host:unset(?HOST),
    [ets:delete(Table) || Table <- [annex_deliver, annex_names,
                                    ejabberd_modules]].

state() ->
    #{owner => self(), mod => ?MODULE, jid => ?JULIET, lserver => ?HOST,
      socket => xmpp_socket:new(?MODULE, none, []), xmlns => ?NS_CLIENT,
      stream_state => established, stream_header_sent => true, written => 0}.

%% The socket's
get_owner(_Socket) ->
    self().

send(closed, _Text) ->
    {error, closed};
send(none, Text) ->
    self() ! {written, iolist_to_binary(Text)},
    ok.

%% The stream's
handle_send(_Packet, ok, #{ends := true}) ->
    exit(normal);
handle_send(_Packet, ok, #{written := Count} = State) ->
    State#{written => Count + 1};
handle_send(Packet, Error, State) ->
    annex_deliver:written(State, Packet, Error).

log(#{level := Level, msg := {Format, Args}}, #{config := Pid}) ->
    Pid ! {logged, Level, lists:flatten(io_lib:format(Format, Args))}.

item(Id) ->
    item(Id, <<"text">>).

item(Id, Text) ->
    El = #xmlel{name = <<"body">>, children = [{xmlcdata, Text}]},
    {Id, #message{from = jid:make(<<"romeo">>, ?HOST), sub_els = [El]},
     undefined}.

%% Nothing can print it.
broken(Id) ->
    item(Id, no_text).

ordered(State, Items) ->
    ordered(State, Items, {self(), none}).

ordered(State, Items, Stream) ->
    IQ = #iq{type = set, id = <<"d1">>, from = jid:make(<<"o.a.example">>),
             to = jid:make(?HOST)},
    {stop, Next} = annex_deliver:ordered(
                     State, {annex_deliver,
                             #order{ref = make_ref(), iq = IQ,
                                    stream = Stream,
                                    host = ?HOST, session = ?JULIET,
                                    items = Items}}),
    Next.

answer() ->
    receive
        {route, #iq{type = result}} -> result;
        {route, #iq{type = error} = IQ} ->
            (xmpp:get_error(IQ))#stanza_error.reason
    after 0 -> none
    end.

%% The ids of what was written.
written() ->
    receive
        {written, Text} ->
            #xmlel{} = El = fxml_stream:parse_element(Text),
            Named = fxml:get_subtag(El, <<"stanza-id">>),
            [fxml:get_tag_attr_s(<<"id">>, Named) | written()]
    after 0 -> []
    end.

%% Else the component might be asked to store it before that.
the_answer_waits_for_nothing_that_the_stream_s_process_does_test_() ->
    session(fun() ->
        Busy = spawn_link(fun() -> receive stop -> ok end end),
        ordered(state(), [item(<<"one">>)], {Busy, self()}),
        receive
            {write, Text} ->
                El = fxml_stream:parse_element(iolist_to_binary(Text)),
                ?assertMatch(#iq{type = result, id = <<"d1">>},
                             xmpp:decode(El, ?NS_CLIENT, [ignore_els]))
        after 0 -> error(silent)
        end,
        Busy ! stop
    end).

one_that_fails_is_answered_and_not_remembered_test_() ->
    session(fun() ->
        State = ordered(state(), [broken(<<"one">>)]),
        ?assertEqual('internal-server-error', answer()),
        ?assertEqual([], written()),
        ordered(State, [item(<<"one">>)]),
        ?assertEqual(result, answer()),
        ?assertEqual([<<"one">>], written())
    end).

those_before_one_that_fails_are_remembered_test_() ->
    session(fun() ->
        State = ordered(state(), [item(<<"one">>), broken(<<"two">>),
                                  item(<<"three">>)]),
        ?assertEqual('internal-server-error', answer()),
        ?assertEqual([<<"one">>], written()),
        ?assertMatch(#{written := 1}, State),
        Next = ordered(State, [item(<<"one">>), item(<<"two">>),
                               item(<<"three">>)]),
        ?assertEqual(result, answer()),
        ?assertEqual([<<"two">>, <<"three">>], written()),
        ?assertMatch(#{written := 3}, Next)
    end).

a_session_that_ends_meanwhile_has_none_test_() ->
    session(fun() ->
        ?assertExit(normal, ordered((state())#{ends => true},
                                    [item(<<"one">>), item(<<"two">>)])),
        ?assertEqual(none, answer()),
        ?assertEqual([<<"one">>], written()),
        ordered(state(), [item(<<"one">>)]),
        ?assertEqual(result, answer()),
        ?assertEqual([<<"one">>], written())
    end).

it_says_which_one_failed_test_() ->
    session(fun() ->
        ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
        ordered(state(), [broken(<<"one">>)]),
        ok = logger:remove_handler(?MODULE),
        receive
            {logged, error, Text} ->
                ?assertMatch("Message one was not handed to "
                             "juliet@a.example/balcony:" ++ _, Text)
        after 0 -> ?assert(false)
        end
    end).

%% The ids of the copies for the archive, whose process this is.
shown() ->
    receive
        {'$gen_cast', {tap, Text}} ->
            El = fxml_stream:parse_element(Text),
            [fxml:get_tag_attr_s(<<"id">>, El) | shown()]
    after 0 -> []
    end.

tapped(Test) ->
    session(fun() ->
        yes = annex_names:register_name({annex_tap, ?HOST, ?ARCHIVE}, self()),
        Test()
    end).

what_was_sent_is_tapped_test_() ->
    tapped(fun() ->
        ordered(state(), [item(<<"one">>), item(<<"two">>)]),
        ?assertEqual([<<"one">>, <<"two">>], shown())
    end).

%% Only a stream's own process may write to it.
what_could_not_be_sent_is_not_tapped_test_() ->
    tapped(fun() ->
        ordered((state())#{owner => none}, [item(<<"one">>)]),
        ?assertEqual('internal-server-error', answer()),
        ?assertEqual([], shown())
    end).

what_could_not_be_written_is_not_tapped_test_() ->
    tapped(fun() ->
        Closed = xmpp_socket:new(?MODULE, closed, []),
        ordered((state())#{socket => Closed}, [item(<<"one">>)]),
        ?assertEqual('item-not-found', answer()),
        ?assertEqual([], shown())
    end).
