// slipway: the command-line client of the API. Its commands are data (tools/client/commands.cpp);
// here they become a command line.

#include "eventlog/base/version.h"
#include "tools/client/completion.h"
#include "tools/client/failure.h"
#include "tools/client/run.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace slipway {
namespace {

void declare(CLI::App& app, const Argument& argument, bool may_omit, Values& values) {
    std::string about{argument.about};
    if (!argument.choices.empty() && argument.kind != Kind::flag) {
        about += " [" + std::string{argument.choices} + "]";
    }
    const std::string name{argument.name};
    if (argument.kind == Kind::flag || argument.kind == Kind::local) {
        app.add_flag_callback(
            "--" + name, [&values, name] { values[name] = {"true"}; }, about);
        return;
    }
    const auto keep = [&values, name](const std::vector<std::string>& typed) {
        values[name] = typed;
        return true;
    };
    const bool positional = argument.is_positional();
    CLI::Option* const option = app.add_option((positional ? "" : "--") + name, keep, about);
    option->type_name(positional ? "" : "VALUE")->required(!may_omit);
    if (argument.is_repeatable()) {
        option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
    }
}

// Declares all commands; the one that is called goes into `called`. None falls through to the
// options that stand before a command.
void declare_commands(CLI::App& app, Values& values, const ClientCommand*& called) {
    std::map<std::string, CLI::App*> groups;
    const auto declare_globals = [&values](CLI::App& of) {
        for (const Argument& argument : global_arguments()) declare(of, argument, true, values);
    };
    declare_globals(app);
    for (const ClientCommand& command : client_commands()) {
        CLI::App* parent = &app;
        const std::string group{command.group()};
        if (!group.empty()) {
            CLI::App*& known = groups[group];
            if (known == nullptr) {
                known = app.add_subcommand(group);
                known->require_subcommand(1);
                declare_globals(*known);
            }
            parent = known;
            std::string about = parent->get_description();
            about += (about.empty() ? "" : ", ") + std::string{command.name()};
            parent->description(about);
        }
        CLI::App* const self =
            parent->add_subcommand(std::string{command.name()}, std::string{command.about});
        declare_globals(*self);
        self->callback([&called, &command] { called = &command; });
        for (const Argument& argument : command.arguments) {
            declare(*self, argument, command.may_omit(argument), values);
        }
    }
}

// The command that the words name so far; null if they name a group or nothing.
const ClientCommand* command_of(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    if (parsed.empty()) return nullptr;
    const auto within = parsed.front()->get_subcommands();
    const std::string words = parsed.front()->get_name() +
                              (within.empty() ? std::string{} : " " + within.front()->get_name());
    const auto& all = client_commands();
    const auto at = std::find_if(all.begin(), all.end(), [&](const ClientCommand& command) {
        return command.words == words;
    });
    return at == all.end() ? nullptr : &*at;
}

// What is wrong with an option that is not accepted where it stands; empty if every one is.
std::string unknown_option(const CLI::App& app) {
    const std::size_t before_command = app.remaining(false).size();
    const auto words = app.remaining(true);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--" || !words[i].starts_with("--")) continue;
        const std::string name = words[i].substr(2, words[i].find('=') - 2);
        std::string text = "unknown option --" + name;
        const auto nearest = nearest_option(i < before_command ? nullptr : command_of(app), name);
        if (!nearest.empty()) text += "; did you mean --" + std::string{nearest} + "?";
        for (const Argument& argument : connection_arguments()) {
            if (argument.name != name) continue;
            text += nearest.empty() ? "; it" : " The server's --" + name;
            text += " stands before the command: slipway --" + name + " VALUE COMMAND";
        }
        return text;
    }
    return {};
}

int run_line(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() > 3 && words[1] == "completion" && words[2] == "candidates") {
        for (const auto& word : candidates({words.begin() + 3, words.end()})) {
            std::cout << word << "\n";
        }
        return kDone;
    }
    Values values;
    const ClientCommand* called = nullptr;
    CLI::App app{"The command-line client of Slipway.", "slipway"};
    app.require_subcommand(1)->footer(kExitCodesText);
    app.set_version_flag("--version", version_text("slipway"),
                         "Print the version and the commit it was built from");
    for (const Argument& argument : connection_arguments()) declare(app, argument, true, values);
    declare_commands(app, values, called);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const std::string unknown = unknown_option(app);
        if (!unknown.empty() && error.get_exit_code() != 0) {
            std::cerr << "slipway: " << unknown << "\n";
            return kUsage;
        }
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return run_command(*called, values);
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    try {
        const int status = slipway::run_line(argc, argv);
        if (std::cout.flush() || status != slipway::kDone) return status;
        std::cerr << "slipway: the output could not be written\n";
        return slipway::kUsage;
    } catch (const std::exception& error) {
        std::cerr << "slipway: " << error.what() << "\n";
        return slipway::kUnavailable;
    }
}
