/** Chinese words of the console, put together from the slices. */
import { app } from "../app/zh";
import { broadcasts } from "../broadcasts/zh";
import { commerce } from "../commerce/zh";
import { core } from "../core/zh";
import { fans } from "../fans/zh";
import { fields } from "../fields/zh";
import { files } from "../files/zh";
import { groups } from "../groups/zh";
import { growth } from "../growth/zh";
import { guides } from "../guides/zh";
import { insight } from "../insight/zh";
import { journeys } from "../journeys/zh";
import { kit } from "../kit/zh";
import { lake } from "../lake/zh";
import { moments } from "../moments/zh";
import { org } from "../org/zh";
import { payments } from "../payments/zh";
import { oneid } from "../pool/oneid.zh";
import { tagging, tagRules } from "../pool/tags.zh";
import { pool } from "../pool/zh";
import { reach } from "../reach/zh";
import { sandbox } from "../sandbox/zh";
import { segments } from "../segments/zh";
import { sync } from "../sync/zh";
import { talk } from "../talk/zh";
import { writeback } from "../writeback/zh";

export const zh = {
  app,
  kit,
  core,
  oneid,
  pool,
  fields,
  tagging,
  tagRules,
  segments,
  journeys,
  broadcasts,
  moments,
  reach,
  talk,
  groups,
  growth,
  guides,
  org,
  sync,
  writeback,
  commerce,
  insight,
  lake,
  fans,
  files,
  payments,
  sandbox,
};
