%% The shim between ejabberd and Annex's components: see PROTOCOL.  Here is
%% what gen_mod wants to know; each hook has a module of its own.
-module(mod_annex).
-behaviour(gen_mod).

-export([start/2, stop/1, reload/3, depends/2]).
-export([mod_opt_type/1, mod_options/1, mod_doc/0]).

-on_load(renew/0).

-include("logger.hrl").
-include("annex.hrl").

start(Host, Opts) ->
    case annex_sup:start() of
        started -> hook(fun ejabberd_hooks:add/5, global, global_hooks());
        running -> ok
    end,
    annex_ask:starting(Host),
    configure(Host, Opts).

reload(Host, NewOpts, _OldOpts) ->
    configure(Host, NewOpts).

%% The host may go on without: what is under way goes on, as if components had
%% failed.
stop(Host) ->
    annex_overlay:keep(Host, []),
    annex_ask:stopping(Host),
    annex_door:configure(maps:remove(Host, annex_host:all())),
    {Bundle, Others} = of_bundle(host_hooks(Host)),
    hook(fun ejabberd_hooks:delete/5, Host, Others),
    annex_lane:clear(all, Host),
    annex_deliver:give_up(Host),
    annex_act:give_up(Host),
    Taps = annex_tap:components(Host),
    annex_host:unset(Host),
    annex_tap:configure(Host, Taps),
    annex_delegate:configure(Host),
    annex_withdrawn:configure(Host),
    unhook_bundle(Host, Bundle),
    case gen_mod:is_loaded_elsewhere(Host, ?MODULE) of
        true ->
            ok;
        false ->
            hook(fun ejabberd_hooks:delete/5, global, global_hooks()),
            annex_sup:stop()
    end.

%% From one configuration to the next without a gap.
configure(Host, Opts) ->
    Components = gen_mod:get_opt(components, Opts),
    Old = host_hooks(Host),
    Taps = annex_tap:components(Host),
    annex_host:set(Host, annex_option:compile(Host, Components)),
    annex_door:configure(annex_host:all()),
    New = host_hooks(Host),
    annex_tap:configure(Host, Taps),
    annex_delegate:configure(Host),
    annex_withdrawn:configure(Host),
    annex_overlay:keep(Host, annex_host:with(overlay, Host)),
    hook(fun ejabberd_hooks:add/5, Host, New -- Old),
    {Bundle, Others} = of_bundle(Old -- New),
    hook(fun ejabberd_hooks:delete/5, Host, Others),
    unhook_bundle(Host, Bundle),
    lists:keymember(annex_session, 1, New -- Old) andalso
        annex_session:learn(Host),
    lists:keymember(annex_check, 1, Old -- New) andalso
        annex_lane:clear(annex_check, Host),
    annex_link:attach(Host).

of_bundle(Hooks) ->
    lists:partition(fun({Module, _}) -> Module == annex_bundle end, Hooks).

%% When no more fan-outs come: what is under way needs them.
unhook_bundle(_Host, []) ->
    ok;
unhook_bundle(Host, Hooks) ->
    annex_link:settle(),
    annex_bundle:settle(Host),
    hook(fun ejabberd_hooks:delete/5, Host, Hooks).

hook(Change, Host, Hooks) ->
    lists:foreach(fun({Module, {Name, Function, Priority}}) ->
                          Change(Name, Host, Module, Function, Priority)
                  end, Hooks).

global_hooks() ->
    [{Module, Hook} || Module <- [annex_link, annex_ask, annex_request],
                       Hook <- Module:hooks()].

%% ejabberd's hooks that a host needs, for what its components have.
host_hooks(Host) ->
    Modules = [Module || Hook <- ?HOOKS, annex_host:with(Hook, Host) /= [],
                         Module <- [annex_disco | modules(Hook)]],
    [{Module, Hook} || Module <- lists:usort(Modules),
                       Hook <- Module:hooks()].

modules(tap) -> [annex_id, annex_tap, annex_removed];
modules(check) -> [annex_id, annex_check];
modules(store) -> [annex_id, annex_store, annex_removed];
modules(presence) -> [annex_presence];
modules(route) -> [annex_route];
modules(deliver) -> [annex_id, annex_deliver];
modules(fanout) -> [annex_bundle, annex_session];
modules(overlay) -> [annex_presence, annex_overlay];
modules(act) -> [annex_act];
modules(delegate) -> [annex_delegate].

depends(_Host, _Opts) ->
    [].

mod_opt_type(components) ->
    annex_option:validator().

mod_options(_Host) ->
    [components].

%% After an upgrade under a running ejabberd, which loads this one alone: the
%% others are old, and it calls them at once.
renew() ->
    lists:foreach(fun(Module) ->
                          code:purge(Module),
                          code:load_file(Module)
                  end, [Module || {Module, _} <- code:all_loaded(),
                                  lists:prefix("annex_",
                                               atom_to_list(Module))]).

mod_doc() ->
    #{desc =>
          [<<"This module attaches Annex's external components to what "
             "ejabberd does: it tells them who comes and goes and what is "
             "said, and lets them judge, store and hand over messages, send "
             "one stanza to many, and act for users.">>, <<>>,
           <<"A component needs its name and password below the listener "
             "'ejabberd_service' as well.">>],
      opts =>
          [{components,
            #{value => "{Domain: Options}",
              desc => <<"The components and what each may do.">>},
            component_docs()}],
      example =>
          ["modules:",
           "  mod_annex:",
           "    components:",
           "      rooms.example.org:",
           "        hooks: [fanout]"]}.

component_docs() ->
    [{hooks, #{value => "[Hook, ...]",
               desc => <<"Any of: tap, check, store, presence, route, "
                         "deliver, fanout, overlay, act:NAMESPACE, "
                         "act:presence, delegate:NAMESPACE.">>}},
     {timeout, #{value => "timeout()",
                 desc => <<"How long the component may take to answer. "
                           "The default value is '2' seconds.">>}},
     {window, #{value => "pos_integer()",
                desc => <<"How many copies of messages are sent before they "
                          "are acknowledged. The default value is "
                          "'1000'.">>}},
     {window_bytes, #{value => "pos_integer()",
                      desc => <<"How many bytes of copies are in memory, "
                                "sent or not, before they go to disk. The "
                                "default value is '16777216'.">>}},
     {spool, #{value => "pos_integer()",
               desc => <<"How many bytes of copies wait on disk while the "
                         "component is away or slow. The default value is "
                         "'67108864'.">>}},
     {credit, #{value => "pos_integer()",
                desc => <<"How many fan-outs the component may have without "
                          "an answer. The default value is '64'.">>}},
     {fail, #{value => "open | closed",
              desc => <<"Whether messages go on when the component does not "
                        "judge them. The default value is 'open'.">>}},
     {parked, #{value => "pos_integer()",
                desc => <<"How many messages of a session wait for a "
                          "verdict. The default value is '100'.">>}},
     {parked_bytes, #{value => "pos_integer()",
                      desc => <<"How many bytes of messages of a session "
                                "wait, and one message more. The default "
                                "value is '1048576'.">>}},
     {delegated, #{value => "pos_integer()",
                   desc => <<"How many IQs that users ask of the component "
                             "may be without an answer. The default value is "
                             "'1000'.">>}},
     {delegated_each, #{value => "pos_integer()",
                        desc => <<"The same for one user. The default value "
                                  "is '100'.">>}},
     {profiles, #{value => "[Profile, ...]",
                  desc => <<"Whose messages are held, with 'name', 'users', "
                            "'peers', 'namespaces', 'fail' and 'timeout' "
                            "each.">>}}].
