%% A line of things that leave in the order in which they came, each when it
%% has been decided and all before it have.
-module(annex_line).

-export([new/0, add/3, decide/3, leave/1, empty/2, is_empty/1]).

-type line() :: {queue:queue(), #{term() => term()}}.
-export_type([line/0]).

-spec new() -> line().
new() ->
    {queue:new(), #{}}.

add(Id, Item, {Queue, Decided}) ->
    {queue:in({Id, Item}, Queue), Decided}.

%% What is not in line (any more) is ignored when it gets there: ids are never
%% used again.
decide(Id, Outcome, {Queue, Decided}) ->
    {Queue, Decided#{Id => Outcome}}.

%% Those that may go, as {Item, Outcome}, and the others.
leave(Line) ->
    leave(Line, []).

leave({Queue, Decided} = Line, Gone) ->
    case queue:peek(Queue) of
        {value, {Id, Item}} when is_map_key(Id, Decided) ->
            {Outcome, Others} = maps:take(Id, Decided),
            leave({queue:drop(Queue), Others}, [{Item, Outcome} | Gone]);
        _ ->
            {lists:reverse(Gone), Line}
    end.

%% All of them at once, as leave/1 has them; Outcome for the undecided.
empty(Outcome, {Queue, Decided}) ->
    [{Item, maps:get(Id, Decided, Outcome)}
     || {Id, Item} <- queue:to_list(Queue)].

is_empty({Queue, _}) ->
    queue:is_empty(Queue).

