%% A queue of binaries on disk that outlives the process.
%%
%% It is kept in files with growing numbers, each a row of records: a length
%% and that many bytes.  A file goes when all that was taken from it is done,
%% so that what was taken but not done comes again after a crash.  A record that
%% could not be written in whole, or is empty, as what is left of a file after
%% the power failed, is the last of its file, and is not read.  A file that
%% cannot be read now stays, and so does all that is behind it.  While it is not
%% known what files there are nothing is taken, nor put behind them.
-module(annex_spool).

-export([open/2, limit/2, close/2, put/2, take/3, done/2, is_empty/1]).
-export([problem/1]).

-include_lib("kernel/include/file.hrl").

-record(file, {number, size = 0, unread, out = 0}).
%% files is unknown while they cannot be listed.
-record(spool, {folder, limit, files = unknown, handle = none, bytes = 0,
                problem = none}).

%% There is room before it for what comes back.
-define(FIRST, 1000000000).
-define(FILE_BYTES, 1048576).

%% Without its folder it is empty, and takes nothing.
open(Folder, Limit) ->
    _ = filelib:ensure_dir(filename:join(Folder, "x")),
    list(#spool{folder = Folder, limit = Limit}).

list(#spool{files = unknown, folder = Folder} = Spool) ->
    try [File || Name <- lists:sort(names(Folder)), is_ours(Name),
                 File <- found(Name, Folder)] of
        Files ->
            Spool#spool{files = Files, problem = none,
                        bytes = lists:sum([Size || #file{size = Size}
                                                       <- Files])}
    catch
        throw:{later, _} = Problem ->
            Spool#spool{problem = Problem}
    end;
list(Spool) ->
    Spool.

names(Folder) ->
    case file:list_dir(Folder) of
        {ok, Names} -> Names;
        {error, enoent} -> [];
        {error, enotdir} -> [];
        {error, Why} -> throw({later, Why})
    end.

is_ours(Name) ->
    length(Name) == 10
        andalso lists:all(fun(C) -> C >= $0 andalso C =< $9 end, Name).

found(Name, Folder) ->
    case file:read_file_info(filename:join(Folder, Name)) of
        {ok, #file_info{size = Size}} ->
            [#file{number = list_to_integer(Name), size = Size}];
        {error, enoent} ->
            [];
        {error, Why} ->
            throw({later, Why})
    end.

%% What is there stays, even if it is more.
limit(Limit, Spool) ->
    Spool#spool{limit = Limit}.

is_empty(#spool{files = unknown}) ->
    false;
is_empty(#spool{files = Files}) ->
    lists:all(fun(#file{unread = <<>>}) -> true;
                 (#file{size = 0}) -> true;
                 (_) -> false
              end, Files).

%% What was taken is written once more, before all else, with what it may have
%% been taken from.
close(Taken, Spool) ->
    case list(Spool) of
        #spool{files = unknown, problem = {later, Why}} when Taken /= [] ->
            {error, Why};
        #spool{files = unknown} ->
            ok;
        Listed ->
            close_listed(Taken, Listed)
    end.

close_listed(Taken, Spool) ->
    {Begun, Whole} = lists:splitwith(
                       fun(#file{unread = Unread}) -> Unread /= undefined end,
                       Spool#spool.files),
    Rest = [Unread || #file{unread = Unread} <- Begun],
    Data = iolist_to_binary([record(Item) || Item <- Taken] ++ Rest),
    Written = write_first(Data, Begun ++ Whole, Spool),
    Written == ok andalso [remove(File, Spool) || File <- Begun],
    shut(Spool),
    Written.

write_first(<<>>, _Files, _Spool) ->
    ok;
write_first(Data, Files, Spool) ->
    Number = case Files of
                 [#file{number = First} | _] -> First - 1;
                 [] -> ?FIRST
             end,
    file:write_file(path(Number, Spool), Data).

%% {ok, Spool}, or {error, Why, Spool}: then it is as before.
put(Item, Spool) ->
    case list(Spool) of
        #spool{files = unknown, problem = {later, Why}} = Later ->
            {error, Why, Later};
        Listed ->
            put_listed(Item, Listed)
    end.

put_listed(Item, #spool{bytes = Bytes, limit = Limit} = Spool)
  when Bytes + byte_size(Item) + 4 > Limit ->
    {error, full, Spool};
put_listed(Item, Spool) ->
    case ready(Spool) of
        {ok, Ready} -> append(record(Item), Ready);
        {error, Why} -> {error, Why, Spool}
    end.

record(Item) ->
    [<<(byte_size(Item)):32>>, Item].

%% A file to write to, which nothing has been taken from.
ready(#spool{files = Files, handle = Handle} = Spool) when Handle /= none ->
    case lists:last(Files) of
        #file{size = Size, unread = undefined} when Size < ?FILE_BYTES ->
            {ok, Spool};
        _ ->
            ready(shut(Spool))
    end;
ready(#spool{files = Files} = Spool) ->
    Number = case Files of
                 [] -> ?FIRST;
                 _ -> (lists:last(Files))#file.number + 1
             end,
    case file:open(path(Number, Spool), [raw, binary, write, exclusive]) of
        {ok, Handle} ->
            {ok, Spool#spool{handle = Handle,
                             files = Files ++ [#file{number = Number}]}};
        {error, Why} ->
            {error, Why}
    end.

append(Record, #spool{files = Files, handle = Handle} = Spool) ->
    {Older, [#file{size = Size} = Last]} = lists:split(length(Files) - 1,
                                                       Files),
    Length = iolist_size(Record),
    case file:write(Handle, Record) of
        ok ->
            {ok, Spool#spool{files = Older ++ [Last#file{size = Size + Length}],
                             bytes = Spool#spool.bytes + Length}};
        {error, Why} ->
            %% Perhaps a part of it is there.
            {ok, Size} = file:position(Handle, Size),
            _ = file:truncate(Handle),
            {error, Why, Spool}
    end.

%% Up to so many, until they have so many bytes, each as {Number, Item}: the
%% number is for done.  Less than there are if there is a problem.
take(Count, Bytes, Spool) ->
    case list(Spool) of
        #spool{files = unknown} = Later ->
            {[], Later};
        #spool{files = Files} = Listed ->
            take({Count, Bytes}, [], Files, [], Listed#spool{problem = none})
    end.

%% Why what is there could not be taken: none, {later, Why}, or {lost, Why}, as
%% its file is there no more.
problem(#spool{problem = Problem}) ->
    Problem.

take(Room, Before, [#file{unread = <<>>} = File | Files], Taken, Spool) ->
    take(Room, [File | Before], Files, Taken, Spool);
take(Room, Before, [#file{unread = undefined} = File | Files], Taken, Spool) ->
    case load(File, Spool) of
        {ok, Loaded} ->
            take(Room, Before, [Loaded | Files], Taken, Spool);
        {error, enoent} ->
            Gone = File#file{unread = <<>>},
            leave(Before, [Gone | Files], Taken, {lost, enoent}, Spool);
        {error, Why} ->
            leave(Before, [File | Files], Taken, {later, Why}, Spool)
    end;
take({Count, Bytes}, Before,
     [#file{number = Number, unread = Unread} = File | Files], Taken, Spool)
  when Count > 0, Bytes > 0 ->
    case Unread of
        <<Length:32, Item:Length/binary, Rest/binary>> when Length > 0 ->
            Next = File#file{unread = Rest, out = File#file.out + 1},
            take({Count - 1, Bytes - Length}, Before, [Next | Files],
                 [{Number, binary:copy(Item)} | Taken], Spool);
        _ ->
            take({Count, Bytes}, Before, [File#file{unread = <<>>} | Files],
                 Taken, Spool)
    end;
take(_Room, Before, Files, Taken, Spool) ->
    leave(Before, Files, Taken, none, Spool).

leave(Before, Files, Taken, Problem, Spool) ->
    {lists:reverse(Taken),
     tidy(Spool#spool{files = lists:reverse(Before, Files),
                      problem = Problem})}.

load(#file{number = Number} = File, Spool) ->
    case file:read_file(path(Number, Spool)) of
        {ok, Data} -> {ok, File#file{unread = Data}};
        {error, Why} -> {error, Why}
    end.

%% One that was taken from that file is needed no more.
done(Number, #spool{files = Files} = Spool) ->
    tidy(Spool#spool{files = [case File of
                                  #file{number = Number, out = Out} ->
                                      File#file{out = Out - 1};
                                  _ ->
                                      File
                              end || File <- Files]}).

tidy(#spool{files = Files} = Spool) ->
    {Spent, Left} = lists:partition(
                      fun(#file{unread = Unread, out = Out}) ->
                              Unread == <<>> andalso Out == 0
                      end, Files),
    Open = case Left of
               [] when Spent /= [] -> shut(Spool);
               _ -> Spool
           end,
    [remove(File, Spool) || File <- Spent],
    Open#spool{files = Left,
               bytes = Spool#spool.bytes
                   - lists:sum([Size || #file{size = Size} <- Spent])}.

remove(#file{number = Number}, Spool) ->
    file:delete(path(Number, Spool)).

shut(#spool{handle = none} = Spool) ->
    Spool;
shut(#spool{handle = Handle} = Spool) ->
    _ = file:close(Handle),
    Spool#spool{handle = none}.

path(Number, #spool{folder = Folder}) ->
    filename:join(Folder, io_lib:format("~10..0B", [Number])).
