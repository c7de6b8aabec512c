%% A page of ejabberd's that makes it join the cluster of /PATH/NODE.  All that
%% is ejabberd's ends meanwhile.
-module(joined).

-export([process/2]).

process([Name], _Request) ->
    Node = binary_to_atom(Name, latin1),
    spawn(fun() ->
                  group_leader(whereis(user), self()),
                  ok = ejabberd_cluster:join(Node)
          end),
    {200, [], <<"it begins">>}.
