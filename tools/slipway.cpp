// slipway: the command-line client of the API. Its commands are data (tools/client/commands.cpp);
// here they become a command line.

#include "tools/client/completion.h"
#include "tools/client/failure.h"
#include "tools/client/run.h"

#include <CLI/CLI.hpp>

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

// Declares all commands; the one that is called goes into `called`.
void declare_commands(CLI::App& app, Values& values, const ClientCommand*& called) {
    std::map<std::string, CLI::App*> groups;
    for (const ClientCommand& command : client_commands()) {
        CLI::App* parent = &app;
        const std::string group{command.group()};
        if (!group.empty()) {
            CLI::App*& known = groups[group];
            if (known == nullptr) known = app.add_subcommand(group);
            parent = known;
            parent->require_subcommand(1)->fallthrough();
            std::string about = parent->get_description();
            about += (about.empty() ? "" : ", ") + std::string{command.name()};
            parent->description(about);
        }
        CLI::App* const self =
            parent->add_subcommand(std::string{command.name()}, std::string{command.about});
        self->fallthrough();
        self->callback([&called, &command] { called = &command; });
        for (const Argument& argument : command.arguments) {
            declare(*self, argument, command.may_omit(argument), values);
        }
    }
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
    for (const Argument& argument : global_arguments()) declare(app, argument, true, values);
    declare_commands(app, values, called);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
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
