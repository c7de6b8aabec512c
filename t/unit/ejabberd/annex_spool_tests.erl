-module(annex_spool_tests).

-include_lib("eunit/include/eunit.hrl").

-define(LIMIT, 10000000).

in_folder(Tests) ->
    {setup, fun folder/0, fun(Folder) -> file:del_dir_r(Folder) end,
     fun(Folder) -> [fun() -> Test(Folder) end || Test <- Tests] end}.

folder() ->
    Name = "annex-spool-" ++ os:getpid() ++ "-"
        ++ integer_to_list(erlang:unique_integer([positive])),
    filename:join(os:getenv("TMPDIR", "/tmp"), Name).

fill(Items, Spool) ->
    lists:foldl(fun(Item, S) -> {ok, Next} = annex_spool:put(Item, S), Next end,
                Spool, Items).

items(Taken) ->
    [Item || {_, Item} <- Taken].

all_done(Taken, Spool) ->
    lists:foldl(fun({File, _}, S) -> annex_spool:done(File, S) end, Spool,
                Taken).

what_was_put_is_taken_in_order_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>, <<"x">>, <<"b">>],
                     annex_spool:open(Folder, ?LIMIT)),
        ?assertNot(annex_spool:is_empty(Spool)),
        {Taken, Next} = annex_spool:take(2, ?LIMIT, Spool),
        ?assertEqual([<<"a">>, <<"x">>], items(Taken)),
        {Rest, Last} = annex_spool:take(9, ?LIMIT, fill([<<"c">>], Next)),
        ?assertEqual([<<"b">>, <<"c">>], items(Rest)),
        ?assert(annex_spool:is_empty(Last)),
        all_done(Taken ++ Rest, Last),
        ?assertEqual({ok, []}, file:list_dir(Folder))
    end]).

no_more_is_taken_than_has_so_many_bytes_and_one_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"aaa">>, <<"bbb">>, <<"ccc">>],
                     annex_spool:open(Folder, ?LIMIT)),
        {Two, Next} = annex_spool:take(9, 4, Spool),
        ?assertEqual([<<"aaa">>, <<"bbb">>], items(Two)),
        {One, _} = annex_spool:take(9, 1, Next),
        ?assertEqual([<<"ccc">>], items(One))
    end]).

what_was_not_done_comes_again_after_a_crash_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>, <<"b">>], annex_spool:open(Folder, ?LIMIT)),
        {[{File, _}], Next} = annex_spool:take(1, ?LIMIT, Spool),
        annex_spool:done(File, Next),
        {Again, _} = annex_spool:take(9, ?LIMIT,
                                      annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual([<<"a">>, <<"b">>], items(Again))
    end]).

what_is_given_back_comes_first_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>, <<"b">>, <<"c">>],
                     annex_spool:open(Folder, ?LIMIT)),
        {[First, _], Next} = annex_spool:take(2, ?LIMIT, Spool),
        Last = all_done([First], fill([<<"d">>], Next)),
        ok = annex_spool:close([<<"b">>, <<"x">>], Last),
        {Again, _} = annex_spool:take(9, ?LIMIT,
                                      annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual([<<"b">>, <<"x">>, <<"c">>, <<"d">>], items(Again))
    end]).

many_files_are_a_queue_test_() ->
    in_folder([fun(Folder) ->
        Items = [<<Number:800000>> || Number <- lists:seq(1, 40)],
        Spool = fill(Items, annex_spool:open(Folder, ?LIMIT)),
        {ok, Names} = file:list_dir(Folder),
        ?assert(length(Names) > 2),
        {Taken, Next} = annex_spool:take(30, ?LIMIT, Spool),
        {Rest, Last} = annex_spool:take(99, ?LIMIT, Next),
        ?assertEqual(Items, items(Taken ++ Rest)),
        all_done(Taken ++ Rest, Last),
        ?assertEqual({ok, []}, file:list_dir(Folder))
    end]).

a_full_spool_takes_no_more_until_there_is_room_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<0:800>>], annex_spool:open(Folder, 200)),
        {error, full, Full} = annex_spool:put(<<0:800>>, Spool),
        {Taken, Next} = annex_spool:take(1, ?LIMIT, Full),
        {ok, _} = annex_spool:put(<<0:800>>, all_done(Taken, Next))
    end]).

another_limit_is_for_what_comes_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<0:800>>], annex_spool:open(Folder, 200)),
        More = fill([<<1:800>>], annex_spool:limit(300, Spool)),
        Less = annex_spool:limit(100, More),
        {error, full, _} = annex_spool:put(<<>>, Less),
        {Taken, _} = annex_spool:take(9, ?LIMIT, Less),
        ?assertEqual([<<0:800>>, <<1:800>>], items(Taken))
    end]).

without_its_folder_it_takes_nothing_test_() ->
    in_folder([fun(Folder) ->
        Blocked = filename:join(Folder, "file"),
        ok = filelib:ensure_dir(Blocked),
        ok = file:write_file(Blocked, <<>>),
        Spool = annex_spool:open(filename:join(Blocked, "x"), ?LIMIT),
        ?assert(annex_spool:is_empty(Spool)),
        {error, enotdir, Same} = annex_spool:put(<<"a">>, Spool),
        ?assertMatch({[], _}, annex_spool:take(9, ?LIMIT, Same)),
        ?assertEqual({error, enotdir}, annex_spool:close([<<"a">>], Same))
    end]).

what_is_left_after_a_power_failure_is_not_read_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>], annex_spool:open(Folder, ?LIMIT)),
        ok = annex_spool:close([], Spool),
        {ok, [Name]} = file:list_dir(Folder),
        ok = file:write_file(filename:join(Folder, Name), <<0:4000>>,
                             [append]),
        {Taken, Last} = annex_spool:take(9, ?LIMIT,
                                      annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual([<<"a">>], items(Taken)),
        all_done(Taken, Last),
        ?assertEqual({ok, []}, file:list_dir(Folder))
    end]).

half_a_record_is_not_read_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>, <<"b">>], annex_spool:open(Folder, ?LIMIT)),
        ok = annex_spool:close([], Spool),
        {ok, [Name]} = file:list_dir(Folder),
        Path = filename:join(Folder, Name),
        {ok, Data} = file:read_file(Path),
        ok = file:write_file(Path, binary:part(Data, 0, byte_size(Data) - 1)),
        {Taken, _} = annex_spool:take(9, ?LIMIT,
                                      annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual([<<"a">>], items(Taken))
    end]).

%% Two files, of which the first cannot be opened.
blocked(Folder) ->
    Two = [fill([Item], annex_spool:open(Folder, ?LIMIT))
           || Item <- [<<"a">>, <<"b">>]],
    [ok = annex_spool:close([], Spool) || Spool <- Two],
    {ok, Names} = file:list_dir(Folder),
    [First, _] = lists:sort(Names),
    Path = filename:join(Folder, First),
    ok = file:rename(Path, Path ++ "-kept"),
    ok = file:make_symlink(First, Path),
    Path.

what_cannot_be_read_now_is_taken_later_test_() ->
    in_folder([fun(Folder) ->
        Path = blocked(Folder),
        Spool = annex_spool:open(Folder, ?LIMIT),
        {[], Later} = annex_spool:take(9, ?LIMIT, Spool),
        ?assertEqual({later, eloop}, annex_spool:problem(Later)),
        ?assertNot(annex_spool:is_empty(Later)),
        ok = file:delete(Path),
        ok = file:rename(Path ++ "-kept", Path),
        {Taken, Last} = annex_spool:take(9, ?LIMIT, Later),
        ?assertEqual([<<"a">>, <<"b">>], items(Taken)),
        ?assertEqual(none, annex_spool:problem(Last))
    end]).

what_is_there_no_more_is_lost_test_() ->
    in_folder([fun(Folder) ->
        Path = blocked(Folder),
        ok = file:delete(Path),
        ok = file:write_file(Path, <<"x">>),
        Spool = annex_spool:open(Folder, ?LIMIT),
        ok = file:delete(Path),
        {[], Next} = annex_spool:take(9, ?LIMIT, Spool),
        ?assertEqual({lost, enoent}, annex_spool:problem(Next)),
        {Taken, Last} = annex_spool:take(9, ?LIMIT, Next),
        ?assertEqual([<<"b">>], items(Taken)),
        ?assertEqual(none, annex_spool:problem(Last))
    end]).

%% A folder that is there, but cannot be looked into.
unlisted(Folder) ->
    ok = file:rename(Folder, Folder ++ "-kept"),
    ok = file:make_symlink(filename:basename(Folder), Folder).

listed(Folder) ->
    ok = file:delete(Folder),
    ok = file:rename(Folder ++ "-kept", Folder).

what_cannot_be_listed_now_comes_before_what_is_put_later_test_() ->
    in_folder([fun(Folder) ->
        Before = fill([<<"a">>, <<"b">>], annex_spool:open(Folder, ?LIMIT)),
        ok = annex_spool:close([], Before),
        unlisted(Folder),
        Spool = annex_spool:open(Folder, ?LIMIT),
        ?assertEqual({later, eloop}, annex_spool:problem(Spool)),
        ?assertNot(annex_spool:is_empty(Spool)),
        {error, eloop, Later} = annex_spool:put(<<"lost">>, Spool),
        ?assertMatch({[], _}, annex_spool:take(9, ?LIMIT, Later)),
        ?assertEqual({error, eloop}, annex_spool:close([<<"x">>], Later)),
        ?assertEqual(ok, annex_spool:close([], Later)),
        listed(Folder),
        {Taken, Last} = annex_spool:take(9, ?LIMIT, fill([<<"c">>], Later)),
        ?assertEqual([<<"a">>, <<"b">>, <<"c">>], items(Taken)),
        ?assertEqual(none, annex_spool:problem(Last))
    end]).

what_cannot_be_listed_now_is_taken_later_test_() ->
    in_folder([fun(Folder) ->
        Before = fill([<<"a">>], annex_spool:open(Folder, ?LIMIT)),
        ok = annex_spool:close([], Before),
        unlisted(Folder),
        {[], Later} = annex_spool:take(9, ?LIMIT,
                                       annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual({later, eloop}, annex_spool:problem(Later)),
        listed(Folder),
        {Taken, _} = annex_spool:take(9, ?LIMIT, Later),
        ?assertEqual([<<"a">>], items(Taken))
    end]).

other_files_are_left_alone_test_() ->
    in_folder([fun(Folder) ->
        Spool = fill([<<"a">>], annex_spool:open(Folder, ?LIMIT)),
        ok = annex_spool:close([], Spool),
        Other = filename:join(Folder, "100000000x"),
        ok = file:write_file(Other, <<"x">>),
        {Taken, _} = annex_spool:take(9, ?LIMIT,
                                      annex_spool:open(Folder, ?LIMIT)),
        ?assertEqual([<<"a">>], items(Taken)),
        ?assertEqual({ok, <<"x">>}, file:read_file(Other))
    end]).
