-module(annex_tap_tests).

-export([log/2]).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(COMPONENT, <<"archive.a.example">>).
-define(NAME, {via, annex_names, {annex_tap, ?HOST, ?COMPONENT}}).

%% A component that is attached, with this process as its stream.
attached(Test) ->
    {setup, fun attach/0, fun detach/1, fun(_) -> Test end}.

attach() ->
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"),
                           "annex-tap-" ++ os:getpid()),
    application:set_env(mnesia, dir, Folder),
    [Module:create() || Module <- tables()],
    annex_host:set(?HOST, #{components => #{?COMPONENT => #{
                                window => 1, window_bytes => 100000,
                                spool => 100000}},
                            hooks => #{tap => [?COMPONENT]}}),
    Folder.

detach(Folder) ->
    annex_host:unset(?HOST),
    [ets:delete(Module) || Module <- tables()],
    application:unset_env(mnesia, dir),
    file:del_dir_r(Folder).

tables() ->
    [annex_names, annex_link, annex_tap].

start() ->
    {ok, Pid} = annex_tap:start_link(?HOST, ?COMPONENT),
    Pid.

stop(Pid, Reason) ->
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, Reason),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

stream() ->
    {self(), none}.

attach_stream() ->
    ets:insert(annex_link, {?COMPONENT, stream(), infinity}).

tap(Name) ->
    Text = annex_text:element(<<"tap">>, [{<<"id">>, Name}], []),
    gen_server:cast(?NAME, {tap, iolist_to_binary(Text)}).

ack(Seq) ->
    annex_tap:ack(?HOST, ?COMPONENT, integer_to_binary(Seq)).

told() ->
    receive
        {route, #message{sub_els = [#xmlel{attrs = Attrs}]}} ->
            {binary_to_integer(proplists:get_value(<<"seq">>, Attrs)),
             proplists:get_value(<<"id">>, Attrs)}
    after 5000 -> nothing
    end.

not_told() ->
    _ = gen_server:call(?NAME, anything),
    receive {route, _} = Told -> Told after 0 -> nothing end.

path(Name) ->
    filename:join([os:getenv("TMPDIR", "/tmp"), "annex-tap-" ++ os:getpid(),
                   "annex", ?HOST, ?COMPONENT, Name]).

%% Nobody can read it then.  Returns where it is.
hide(Path) ->
    Kept = <<Path/binary, "-kept">>,
    ok = file:rename(Path, Kept),
    ok = file:make_symlink(filename:basename(Path), Path),
    Kept.

log(#{msg := {Format, Args}}, #{config := Pid}) ->
    Pid ! {logged, lists:flatten(io_lib:format(Format, Args))}.

%% What was said when all was done.
logged() ->
    _ = gen_server:call(?NAME, anything),
    receive {logged, Text} -> Text after 0 -> nothing end.

one_that_takes_over_goes_on_with_the_stream_and_numbers_test_() ->
    attached(fun() ->
        First = start(),
        attach_stream(),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        tap(<<"one">>),
        ?assertEqual({1, <<"one">>}, told()),
        stop(First, kill),
        Second = start(),
        tap(<<"two">>),
        ?assertEqual({2, <<"two">>}, told()),
        tap(<<"three">>),
        ack(1),
        ?assertEqual(nothing, not_told()),
        ack(2),
        ?assertEqual({3, <<"three">>}, told()),
        stop(Second, shutdown)
    end).

what_is_written_behind_comes_after_what_was_told_test_() ->
    attached(fun() ->
        Pid = start(),
        attach_stream(),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        tap(<<"one">>),
        annex_tap:write_behind(
          ?HOST, ?COMPONENT, stream(),
          annex_text:iq(<<"i1">>, ?HOST, ?COMPONENT, <<"<x xmlns='y'/>">>)),
        ?assertEqual({1, <<"one">>}, told()),
        receive {route, #iq{id = Id}} -> ?assertEqual(<<"i1">>, Id)
        after 5000 -> ?assert(false)
        end,
        stop(Pid, shutdown)
    end).

one_that_is_started_anew_waits_for_hello_test_() ->
    attached(fun() ->
        attach_stream(),
        First = start(),
        tap(<<"one">>),
        ?assertEqual(nothing, not_told()),
        process_flag(trap_exit, true),
        stop(First, shutdown),
        Second = start(),
        ?assertEqual(nothing, not_told()),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        ?assertEqual({1, <<"one">>}, told()),
        stop(Second, shutdown)
    end).

one_that_cannot_be_read_waits_with_those_behind_it_test_() ->
    attached(fun() ->
        Pid = start(),
        [tap(Name) || Name <- [<<"one">>, <<"two">>, <<"three">>]],
        ?assertEqual(nothing, not_told()),
        Path = path("1000000000"),
        Kept = hide(Path),
        attach_stream(),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        ?assertEqual({1, <<"one">>}, told()),
        ack(1),
        tap(<<"four">>),
        ?assertEqual(nothing, not_told()),
        ok = file:delete(Path),
        ok = file:rename(Kept, Path),
        Pid ! retry,
        [begin
             ?assertEqual({Seq, Name}, told()),
             ack(Seq)
         end || {Seq, Name} <- [{2, <<"two">>}, {3, <<"three">>},
                                {4, <<"four">>}]],
        process_flag(trap_exit, true),
        stop(Pid, shutdown)
    end).

it_says_that_the_next_cannot_be_read_after_one_that_is_gone_test_() ->
    attached(fun() ->
        Pid = start(),
        ok = logger:add_handler(?MODULE, ?MODULE, #{config => self()}),
        [tap(Name) || Name <- [<<"one">>, <<"two">>]],
        ?assertEqual(nothing, not_told()),
        hide(path("1000000000")),
        attach_stream(),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        ?assertEqual({1, <<"one">>}, told()),
        ack(1),
        ?assertMatch("Copies of messages for archive.a.example wait" ++ _,
                     logged()),
        ok = file:delete(path("1000000000")),
        Pid ! retry,
        ?assertMatch("Copies of messages for archive.a.example are lost" ++ _,
                     logged()),
        [tap(Name) || Name <- [<<"three">>, <<"four">>, <<"five">>]],
        ?assertEqual({2, <<"three">>}, told()),
        ack(2),
        ?assertEqual({3, <<"four">>}, told()),
        hide(path("1000000000")),
        ack(3),
        ?assertMatch("Copies of messages for archive.a.example wait" ++ _,
                     logged()),
        ok = logger:remove_handler(?MODULE),
        process_flag(trap_exit, true),
        stop(Pid, shutdown)
    end).

sent(Id, Body) ->
    sent(Id, Body, jid:make(<<"juliet">>, ?HOST)).

sent(Id, Body, To) ->
    Message = #message{from = jid:make(<<"romeo">>, ?HOST, <<"x">>),
                       to = To, type = chat,
                       body = [#text{data = Body}],
                       meta = #{annex_id => Id}},
    sent(Message).

sent(Message) ->
    annex_tap:sent({Message, #{lserver => ?HOST}}).

%% The stamp of the next tap.
told_stamp() ->
    receive
        {route, #message{sub_els = [Tap]}} ->
            fxml:get_path_s(Tap, [{elem, <<"forwarded">>}, {elem, <<"delay">>},
                                  {attr, <<"stamp">>}])
    after 5000 -> nothing
    end.

%% A tap process with a window for all, and no hooks of others.
joined(Test) ->
    attached(fun() ->
        annex_host:set(?HOST, #{components => #{?COMPONENT => #{
                                    window => 10, window_bytes => 100000,
                                    spool => 100000}},
                                hooks => #{tap => [?COMPONENT]}}),
        ets:new(hooks, [named_table, public]),
        Pid = start(),
        attach_stream(),
        annex_tap:greeted(?HOST, ?COMPONENT, stream()),
        Test(),
        ?assertEqual(undefined, get(annex_tap)),
        process_flag(trap_exit, true),
        stop(Pid, shutdown),
        annex_text:forget(),
        ets:delete(hooks)
    end).

what_does_not_come_is_told_when_the_function_ends_test_() ->
    joined(fun() ->
        done = annex_tap:joining(fun() ->
            sent(<<"one">>, <<"a">>),
            ?assertEqual(nothing, not_told()),
            done
        end),
        ?assertEqual({1, <<"one">>}, told()),
        ?assertEqual(nothing, not_told())
    end).

what_does_not_come_is_told_before_the_next_test_() ->
    joined(fun() ->
        annex_tap:joining(fun() ->
            sent(<<"one">>, <<"a">>),
            sent(<<"two">>, <<"a">>),
            ?assertEqual({1, <<"one">>}, told()),
            ?assertEqual(nothing, not_told())
        end),
        ?assertEqual({2, <<"two">>}, told())
    end).

what_is_for_the_host_is_told_at_once_test_() ->
    joined(fun() ->
        annex_tap:joining(fun() ->
            sent(<<"one">>, <<"a">>, jid:make(?HOST)),
            ?assertEqual({1, <<"one">>}, told())
        end)
    end).

nothing_is_left_of_what_cannot_be_told_test_() ->
    joined(fun() ->
        #{?HOST := Config} = annex_host:all(),
        ?assertError(badarg, annex_tap:joining(fun() ->
            sent(<<"one">>, <<"a">>),
            annex_host:set(?HOST, Config#{hooks => #{tap => broken}})
        end)),
        annex_host:set(?HOST, Config),
        ?assertEqual(undefined, get(annex_tap))
    end).

what_was_sent_is_told_when_the_function_fails_test_() ->
    joined(fun() ->
        [begin
             ?assertException(Class, ended, annex_tap:joining(fun() ->
                 sent(<<"one">>, <<"a">>),
                 erlang:Class(ended)
             end)),
             ?assertEqual({Seq, <<"one">>}, told()),
             ?assertEqual(undefined, get(annex_tap))
         end || {Seq, Class} <- [{1, error}, {2, exit}, {3, throw}]],
        sent(<<"two">>, <<"a">>),
        ?assertEqual({4, <<"two">>}, told())
    end).

what_was_let_go_later_is_told_with_its_time_test_() ->
    joined(fun() ->
        Message = #message{from = jid:make(<<"romeo">>, ?HOST, <<"x">>),
                           to = jid:make(?HOST), meta = #{annex_id => <<"1">>}},
        Stamp = <<"2026-11-29T12:00:00Z">>,
        sent(xmpp:put_meta(Message, annex_written, Stamp)),
        ?assertEqual(Stamp, told_stamp()),
        sent(Message),
        ?assertNotEqual(Stamp, told_stamp())
    end).
