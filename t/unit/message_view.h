// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the wire's MessageView from a short description, as the daemon would send it.
#ifndef T_UNIT_MESSAGE_VIEW_H
#define T_UNIT_MESSAGE_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/protocol_generated.h"

namespace alphamail {

using WireParameter = std::pair<std::string, std::string>;

struct PartSpec {
  std::string section;
  std::uint8_t depth = 0;
  std::string type;  ///< "text/plain"; lower case as the daemon sends it, or not
  std::vector<WireParameter> parameters = {};
  std::string disposition = {};
  std::vector<WireParameter> disposition_parameters = {};
  std::uint64_t size = 100;
  std::string content_id = {};
  std::string encoding = "7bit";
};

class MessageViewBuffer {
 public:
  explicit MessageViewBuffer(const std::vector<PartSpec>& specs, std::string_view header = "") {
    std::vector<flatbuffers::Offset<wire::Part>> parts;
    for (const PartSpec& spec : specs) parts.push_back(part(spec));
    const auto inbox = wire::CreateFolder(builder_, builder_.CreateString("INBOX"),
                                          builder_.CreateString("INBOX"));
    const auto folders = builder_.CreateVector(std::vector{inbox});
    const auto bytes =
        builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(header.data()), header.size());
    const auto list = builder_.CreateVector(parts);
    wire::MessageViewBuilder view(builder_);
    view.add_folders(folders);
    view.add_folder(inbox);
    view.add_header(bytes);
    view.add_parts(list);
    builder_.Finish(view.Finish());
  }
  const wire::MessageView& operator*() const {
    return *flatbuffers::GetRoot<wire::MessageView>(builder_.GetBufferPointer());
  }

 private:
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Parameter>>> pairs(
      const std::vector<WireParameter>& list) {
    std::vector<flatbuffers::Offset<wire::Parameter>> out;
    for (const auto& [name, value] : list)
      out.push_back(wire::CreateParameter(builder_, builder_.CreateString(name),
                                          builder_.CreateString(value)));
    return builder_.CreateVector(out);
  }
  flatbuffers::Offset<wire::Part> part(const PartSpec& spec) {
    const std::size_t slash = spec.type.find('/');
    const auto section = builder_.CreateString(spec.section);
    const auto type = builder_.CreateString(spec.type.substr(0, slash));
    const auto subtype =
        builder_.CreateString(slash == std::string::npos ? "" : spec.type.substr(slash + 1));
    const auto parameters = pairs(spec.parameters);
    const auto encoding = builder_.CreateString(spec.encoding);
    const auto id = builder_.CreateString(spec.content_id);
    const auto disposition = builder_.CreateString(spec.disposition);
    const auto more = pairs(spec.disposition_parameters);
    return wire::CreatePart(builder_, section, spec.depth, type, subtype, parameters, encoding, id,
                            0, disposition, more, spec.size);
  }

  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace alphamail

#endif
