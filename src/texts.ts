import type { Texts } from './ports/texts.ts';
import { renderEscalation } from './report/messages/escalation.ts';
import { renderTeamMessage } from './report/messages/team.ts';
import { renderUsersNotice } from './report/messages/users.ts';
import { renderDeployment } from './report/records/deployment.ts';
import { renderPostMortem } from './report/records/post-mortem.ts';
import { renderRecord } from './report/records/record.ts';

/** The renderers, as steps get them: a step may not import `report/`, and `report/` knows no port. */
export const TEXTS: Texts = {
  team: renderTeamMessage,
  users: renderUsersNotice,
  escalation: renderEscalation,
  postMortem: renderPostMortem,
  record: renderRecord,
  deployment: renderDeployment,
};
