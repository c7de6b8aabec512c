%% What EUnit finds, as TAP.
-module(eunit_tap).
-behaviour(eunit_listener).

-export([main/1]).
-export([start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3,
         terminate/2]).

main(Modules) ->
    {ok, _} = application:ensure_all_started(xmpp),
    Result = eunit:test([list_to_atom(Name) || Name <- Modules],
                        [no_tty, {report, {?MODULE, []}}]),
    halt(case Result of ok -> 0; _ -> 1 end).

start(Options) ->
    eunit_listener:start(?MODULE, Options).

init(_Options) ->
    receive
        {start, _Reference} -> 0
    end.

handle_begin(_Kind, _Data, Count) ->
    Count.

handle_end(test, Data, Count) ->
    case proplists:get_value(status, Data) of
        ok -> say("ok", Data, Count, none);
        {Status, Why} -> say("not ok", Data, Count, {Status, Why})
    end;
handle_end(group, _Data, Count) ->
    Count.

handle_cancel(test, Data, Count) ->
    say("not ok", Data, Count, proplists:get_value(reason, Data));
handle_cancel(group, Data, Count) ->
    case proplists:get_value(reason, Data) of
        undefined -> Count;
        Reason -> say("not ok", Data, Count, Reason)
    end.

terminate({ok, _Data}, Count) ->
    io:format("1..~B~n", [Count]),
    sync_end(ok);
terminate({error, Reason}, Count) ->
    io:format("1..~B~n# ~p~n", [Count, Reason]),
    sync_end(error).

sync_end(Result) ->
    receive
        {stop, Reference, ReplyTo} ->
            ReplyTo ! {result, Reference, Result},
            ok
    end.

say(Word, Data, Count, Problem) ->
    io:format("~s ~B - ~s~n", [Word, Count + 1, name(Data)]),
    Problem == none orelse
        [io:format("# ~s~n", [Line])
         || Line <- string:split(io_lib:format("~p", [Problem]), "\n", all)],
    Count + 1.

name(Data) ->
    {Module, Function, _} = proplists:get_value(source, Data,
                                                {none, none, 0}),
    case proplists:get_value(desc, Data) of
        Text when is_binary(Text), Text /= <<>> ->
            [words(Module), ": ", Text];
        _ ->
            [words(Module), ": ", words(Function), " (line ",
             integer_to_list(proplists:get_value(line, Data, 0)), ")"]
    end.

%% hooks of '-hooks_test_/0-fun-7-'
words(Name) ->
    [First | _] = string:lexemes(atom_to_list(Name), "-/"),
    Bare = re:replace(First, "_tests?_?$", "", [{return, list}]),
    lists:map(fun($_) -> $\s; (Char) -> Char end, Bare).
