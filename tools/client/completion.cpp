#include "tools/client/completion.h"

#include "tools/client/commands.h"

#include <algorithm>
#include <optional>

namespace slipway {

namespace {

bool takes_value(const Argument& argument) {
    return argument.kind != Kind::flag && argument.kind != Kind::local;
}

// Follows what was typed, word by word.
struct Walk {
    std::string group;
    const ClientCommand* command = nullptr;
    std::vector<const Argument*> places;  // of the command's positional arguments, those to come
    const Argument* open = nullptr;       // an option whose value is still to come

    bool stands_before_command() const { return command == nullptr && group.empty(); }

    const Argument* option(std::string_view word) const {
        if (!word.starts_with("--")) return nullptr;
        for (const auto* const list :
             {command ? &command->arguments : nullptr, &global_arguments(),
              stands_before_command() ? &connection_arguments() : nullptr}) {
            if (list == nullptr) continue;
            for (const Argument& argument : *list) {
                if (!argument.is_positional() && argument.name == word.substr(2)) return &argument;
            }
        }
        return nullptr;
    }

    void take(const std::string& word) {
        if (open != nullptr) {
            open = nullptr;
        } else if (word.starts_with('-')) {
            const Argument* const found = option(word);
            if (found != nullptr && takes_value(*found)) open = found;
        } else if (command != nullptr) {
            if (!places.empty()) places.erase(places.begin());
        } else {
            descend(word);
        }
    }

    void descend(const std::string& word) {
        for (const ClientCommand& one : client_commands()) {
            if (one.group() != group || one.name() != word) continue;
            command = &one;
            for (const Argument& argument : one.arguments) {
                if (argument.is_positional()) places.push_back(&argument);
            }
            return;
        }
        group = word;
    }

    std::vector<std::string> options() const {
        std::vector<std::string> found;
        for (const Argument& argument : command ? command->arguments : std::vector<Argument>{}) {
            if (!argument.is_positional()) found.push_back("--" + std::string{argument.name});
        }
        for (const auto* const list :
             {stands_before_command() ? &connection_arguments() : nullptr, &global_arguments()}) {
            if (list == nullptr) continue;
            for (const Argument& argument : *list) {
                found.push_back("--" + std::string{argument.name});
            }
        }
        return found;
    }

    std::vector<std::string> next_words() const {
        if (open != nullptr) return words_of(open->choices);
        if (command != nullptr) {
            return places.empty() ? std::vector<std::string>{} : words_of(places.front()->choices);
        }
        std::vector<std::string> found;
        for (const ClientCommand& one : client_commands()) {
            std::string_view word;
            if (one.group() == group) word = one.name();
            if (group.empty() && !one.group().empty()) word = one.group();
            const bool is_new = found.empty() || found.back() != word;
            if (!word.empty() && is_new) found.emplace_back(word);
        }
        return found;
    }
};

}  // namespace

std::vector<std::string> candidates(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    Walk walk;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) walk.take(words[i]);
    const std::string& last = words.back();
    auto found = walk.open == nullptr && last.starts_with('-') ? walk.options() : walk.next_words();
    std::erase_if(found, [&](const std::string& word) { return !word.starts_with(last); });
    return found;
}

std::string_view completion_script(std::string_view shell) {
    // Without a candidate the shells go on to the names of files.
    if (shell == "bash") {
        return R"(_slipway() {
    local IFS=$'\n'
    COMPREPLY=($(slipway completion candidates "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _slipway slipway
)";
    }
    if (shell == "zsh") {
        return R"(_slipway() {
    local -a found
    found=("${(@f)$(slipway completion candidates "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n ${found[1]} ]]; then compadd -a found; else _files; fi
}
compdef _slipway slipway
)";
    }
    if (shell == "fish") {
        return R"(function __slipway_candidates
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -e words[1]
    slipway completion candidates $words "$last" 2>/dev/null
end
complete -c slipway -a '(__slipway_candidates)'
)";
    }
    return {};
}

}  // namespace slipway
