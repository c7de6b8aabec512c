-module(annex_removed_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"a.example">>).
-define(ARCHIVE, <<"archive.a.example">>).
-define(OFFLINE, <<"offline.a.example">>).
-define(OTHER, <<"rooms.a.example">>).

%% Three components, with this process as the stream of each that is told.
told(Test) ->
    {setup, fun attach/0, fun detach/1, fun(_) -> Test end}.

attach() ->
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"),
                           "annex-removed-" ++ os:getpid()),
    application:set_env(mnesia, dir, Folder),
    [Module:create() || Module <- tables()],
    Usual = #{window => 10, window_bytes => 100000, spool => 100000},
    annex_host:set(?HOST, #{components => #{?ARCHIVE => Usual,
                                            ?OFFLINE => Usual,
                                            ?OTHER => Usual},
                            hooks => #{tap => [?ARCHIVE],
                                       store => [?OFFLINE],
                                       fanout => [?OTHER]}}),
    Folder.

detach(Folder) ->
    annex_host:unset(?HOST),
    [ets:delete(Module) || Module <- tables()],
    application:unset_env(mnesia, dir),
    file:del_dir_r(Folder).

tables() ->
    [annex_names, annex_link, annex_id, annex_tap].

start(Component) ->
    {ok, Pid} = annex_tap:start_link(?HOST, Component),
    Pid.

stop(Pid) ->
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, shutdown),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

greeted(Component) ->
    annex_tap:greeted(?HOST, Component, {self(), none}).

%% The component and what it was told; nothing else is in it.
told() ->
    receive
        {route, #message{to = To, sub_els = [El]}} ->
            #xmlel{name = <<"tap">>, attrs = Attrs, children = []} = El,
            {jid:encode(To), [proplists:get_value(Name, Attrs)
                              || Name <- [<<"seq">>, <<"dir">>, <<"user">>]],
             proplists:get_value(<<"id">>, Attrs)}
    after 5000 -> nothing
    end.

those_that_get_copies_and_those_that_store_are_told_test_() ->
    told(fun() ->
        ?assertEqual([?ARCHIVE, ?OFFLINE], annex_tap:components(?HOST)),
        Pids = [start(Component) || Component <- [?ARCHIVE, ?OFFLINE]],
        [greeted(Component) || Component <- [?ARCHIVE, ?OFFLINE]],
        annex_removed:removed(<<"d'artagnan">>, ?HOST),
        [{First, Said, Id}, {Second, Said, Id}] = lists:sort([told(), told()]),
        ?assertEqual([?ARCHIVE, ?OFFLINE], [First, Second]),
        ?assertEqual([<<"1">>, <<"removed">>, <<"d'artagnan@a.example">>],
                     Said),
        ?assert(byte_size(Id) > 8),
        process_flag(trap_exit, true),
        [stop(Pid) || Pid <- Pids]
    end).

it_waits_for_the_ack_of_one_that_stores_test_() ->
    told(fun() ->
        process_flag(trap_exit, true),
        Ignored = start(?ARCHIVE),
        First = start(?OFFLINE),
        annex_removed:removed(<<"romeo">>, ?HOST),
        stop(First),
        Second = start(?OFFLINE),
        greeted(?OFFLINE),
        {?OFFLINE, [<<"1">>, <<"removed">>, <<"romeo@a.example">>], _} = told(),
        annex_tap:ack(?HOST, ?OFFLINE, <<"1">>),
        stop(Second),
        Third = start(?OFFLINE),
        greeted(?OFFLINE),
        annex_removed:removed(<<"juliet">>, ?HOST),
        {?OFFLINE, [<<"2">>, <<"removed">>, <<"juliet@a.example">>], _}
            = told(),
        [stop(Pid) || Pid <- [Ignored, Third]]
    end).
